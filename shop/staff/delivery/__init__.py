"""Delivery: zones, methods, and what an address is offered."""
