"""Deliveries of messages: figures and the newest ones."""
