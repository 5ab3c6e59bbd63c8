"""Loyalty accounts, rules and registrations as JSON."""
