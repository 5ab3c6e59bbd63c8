"""Queries of sandbox shops."""
