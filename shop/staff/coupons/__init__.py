"""Coupons: the list, one coupon with its uses, the form, generated codes."""
