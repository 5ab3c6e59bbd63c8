"""Lists and statistics of webhooks."""
