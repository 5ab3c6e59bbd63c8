"""Replay real grocery baskets through a running shop and compare every sum (``docs/replay.md``).

Only ``products.py`` imports the shop: this package calculates the expected sums independently.
"""
