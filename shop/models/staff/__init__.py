"""Tables of staff accounts and their sign-in."""
