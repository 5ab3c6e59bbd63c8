"""The search over the whole shop."""
