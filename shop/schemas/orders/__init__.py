"""Orders as JSON."""
