"""The use cases. Each is a transaction; plain values in, results out, no HTTP."""
