"""The engine of every list: search, filters, sort orders and keyset pages."""
