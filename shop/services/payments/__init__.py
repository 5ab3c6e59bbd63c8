"""Payments: payment methods behind one interface, starting a payment, and cancelling orders that stay unpaid."""
