"""Real grocery baskets through the running shop, and every sum worked out again without it (``docs/replay.md``).

Nothing here but ``products.py`` imports the shop: what it should have come to is worked out by this package alone.
"""
