"""The wire: pydantic models that check requests, shape answers and make the OpenAPI document, for all JSON doors."""
