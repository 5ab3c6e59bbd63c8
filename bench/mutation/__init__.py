"""Mutation tests: change one operator, constant or condition at a time and run the nearest tests."""
