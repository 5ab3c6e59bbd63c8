"""Import customers and products from files."""
