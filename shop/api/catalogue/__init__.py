"""Products, categories, coupons and delivery."""
