"""Customers who join the programme on their own."""
