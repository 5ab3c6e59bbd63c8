"""Payments: payment methods, attempts with providers, and cancelling orders that stay unpaid."""
