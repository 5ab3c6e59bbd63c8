"""Coupons: the list, the file of it, and what came of each."""
