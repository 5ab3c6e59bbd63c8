"""The till: sales at the counter and undoing them."""
