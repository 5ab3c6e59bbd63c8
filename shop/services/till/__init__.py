"""Sales at the till and undoing them."""
