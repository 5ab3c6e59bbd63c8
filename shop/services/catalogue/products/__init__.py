"""Products with variants and pictures."""
