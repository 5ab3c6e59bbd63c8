"""Payments: the ways to pay behind one small interface, how one is begun, and how an order that waits too long ends."""
