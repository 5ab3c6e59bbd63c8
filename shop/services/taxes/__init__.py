"""Tax classes of a shop, and the rules that orders are taxed by."""
