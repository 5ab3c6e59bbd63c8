"""Arithmetic of points."""
