"""Kills the primary of a shop on several machines, and looks for anything lost: ``python -m bench.failover``.

``docs/scaling.md`` says what is run, what is measured, and what came of it; ``configs/`` is what it is run with.
"""
