"""Taxes: prices with or without tax, and tax classes."""
