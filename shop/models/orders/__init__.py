"""Tables of orders and refunds."""
