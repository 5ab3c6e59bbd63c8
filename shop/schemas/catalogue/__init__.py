"""Products as JSON."""
