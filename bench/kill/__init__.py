"""Kill a shop under load repeatedly and check that nothing is half-done: ``python -m bench.kill``.

``docs/kill.md`` describes what is killed, what is compared, and the results.
"""
