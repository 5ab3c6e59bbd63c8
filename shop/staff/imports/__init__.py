"""Importing customers and products from files."""
