"""Load tests: a shop of any size, the real server over HTTP, and a minimal hand-written server for comparison."""
