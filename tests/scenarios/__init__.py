"""Scenarios that live through months in a sandbox shop, by the API alone."""
