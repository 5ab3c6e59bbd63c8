"""Prices and stock of products."""
