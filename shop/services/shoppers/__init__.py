"""Shoppers of the storefront: sessions, accounts, carts."""
