"""Coupons as the shop keeps them. What one takes off a cart is in services/catalogue/coupons.py."""
