"""Pydantic models of all JSON APIs: they validate requests, write responses and describe both for OpenAPI."""
