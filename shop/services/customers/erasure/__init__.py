"""Erasure of a customer, and where personal data is."""
