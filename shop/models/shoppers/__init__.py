"""Tables of shopper accounts, carts and checkout sessions."""
