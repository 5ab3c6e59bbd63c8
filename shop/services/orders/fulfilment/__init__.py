"""Delivery of orders, notes, sent refunds, and undo of mistakes."""
