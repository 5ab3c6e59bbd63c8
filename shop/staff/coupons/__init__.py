"""Coupons: the list, one coupon with its uses, the form, many codes at once."""
