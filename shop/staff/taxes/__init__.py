"""Taxes: how prices relate to them, and their classes."""
