"""Payments: what was asked for, what arrived, and the requests to providers."""
