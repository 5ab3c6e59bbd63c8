"""Pages of abandoned carts."""
