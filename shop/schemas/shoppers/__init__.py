"""Requests and responses of a storefront about its shoppers."""
