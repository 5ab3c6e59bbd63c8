"""Domain events as JSON."""
