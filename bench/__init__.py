"""Loads and trials that anybody can run: each is a program, ``python -m bench.<name>``."""
