"""Tables of products, coupons, shipping and payment methods."""
