"""Received payments: how the values of M-Pesa's notifications are read, and the states of a payment."""
