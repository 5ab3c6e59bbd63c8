"""Webhooks: endpoints, deliveries, signatures, and requests to addresses that were checked.

Receivers live in real time: nothing here follows the clock of a sandbox shop.
"""
