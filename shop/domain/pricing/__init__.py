"""Coupons, delivery and taxes of an order."""
