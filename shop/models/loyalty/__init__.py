"""Tables of loyalty accounts and their ledger."""
