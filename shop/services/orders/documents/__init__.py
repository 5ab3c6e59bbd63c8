"""Invoices of orders."""
