"""Benchmarks and trials: each is a program, ``python -m bench.<name>``."""
