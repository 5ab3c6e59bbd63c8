"""Requests to M-Pesa about transactions: status, reversal. Their results come by callback."""
