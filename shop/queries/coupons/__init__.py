"""Coupons: the list, its export, and their results."""
