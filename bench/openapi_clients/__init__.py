"""Clients generated from the OpenAPI document: their types, and an order with each.

``python -m bench.openapi_clients`` needs npm; generators are installed in a temporary folder.
"""
