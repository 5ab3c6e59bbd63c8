"""Requests of two versions of Tuza in turns: what a change costs."""
