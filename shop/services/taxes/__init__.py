"""Tax classes of a shop, and the rules for taxing orders."""
