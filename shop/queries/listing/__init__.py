"""The list engine: search, filters, sort orders and keyset pages."""
