"""Webhooks to receivers that fail, from workers that are killed: ``python -m bench.webhooks``.

``docs/webhooks.md`` has the figures.
"""
