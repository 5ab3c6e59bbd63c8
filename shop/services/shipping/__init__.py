"""Delivery zones and methods as the shop keeps them. What serves an address is in services/catalogue/shipping.py."""
