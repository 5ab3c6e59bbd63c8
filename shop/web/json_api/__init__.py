"""JSON endpoints and the OpenAPI document that describes them."""
