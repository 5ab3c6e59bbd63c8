"""Files with rows to import: their columns, and the hashes of what a row is found by."""
