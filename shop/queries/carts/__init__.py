"""Lists of abandoned carts."""
