"""Delivery: zones, methods, and a test with an address."""
