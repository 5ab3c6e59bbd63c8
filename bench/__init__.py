"""Benchmarks and fault tests; each is a program, ``python -m bench.<name>``."""
