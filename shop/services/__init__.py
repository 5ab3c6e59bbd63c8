"""The use cases: each decides, and owns its transaction. Plain values in, results out; nothing here knows HTTP."""
