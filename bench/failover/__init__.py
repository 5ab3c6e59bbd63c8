"""Kill the primary of a shop on several machines and check that nothing is lost: ``python -m bench.failover``.

``docs/scaling.md`` describes the set-up, the measurements and the results; ``configs/`` has the configuration.
"""
