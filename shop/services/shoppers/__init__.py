"""The people who shop online: sessions, accounts, carts."""
