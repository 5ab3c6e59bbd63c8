"""Customers who join the programme by themselves."""
