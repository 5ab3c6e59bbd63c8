"""Days and date ranges in a shop's time zone."""
