"""Products, categories, coupons and delivery methods as JSON."""
