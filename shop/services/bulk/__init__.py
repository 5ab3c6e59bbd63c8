"""Actions on many customers or products at once."""
