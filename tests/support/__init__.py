"""Shared code of the tests: databases, applications, clients."""
