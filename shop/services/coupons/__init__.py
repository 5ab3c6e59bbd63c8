"""Coupon records. services/catalogue/coupons.py applies them to carts."""
