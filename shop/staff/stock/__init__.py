"""Pages of stock: by branch, and its movements."""
