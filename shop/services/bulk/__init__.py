"""Actions on many customers at once."""
