"""Received payments: the list of a day, and what it adds up to."""
