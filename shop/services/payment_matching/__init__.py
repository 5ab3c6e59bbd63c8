"""Matching of received payments with orders and sales at the till."""
