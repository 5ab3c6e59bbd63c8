"""Kills a shop at work, again and again, and looks for anything half-done: ``python -m bench.kill``.

``docs/kill.md`` says what is killed, what is compared, and what came of it.
"""
