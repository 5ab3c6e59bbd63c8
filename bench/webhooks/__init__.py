"""Webhooks to receivers that fail, from workers that are killed: ``python -m bench.webhooks``.

``docs/webhooks.md`` says what came of it.
"""
