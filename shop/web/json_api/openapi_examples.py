"""Examples for every request body and response in the OpenAPI document, composed from the examples of the fields."""

from typing import Any

from shop.schemas.examples import example_of
from shop.web.error_handlers import CONFLICT, HTTP_CODES

ID_EXAMPLE = 42
ERRORS: dict[str, tuple[str, str]] = {str(status): HTTP_CODES[status] for status in (404, 413, 414, 415, 500, 503)} | {
    "400": ("invalid_request", "items[0].quantity must be at least 1."),
    "401": ("invalid_api_key", "The API key or its secret is wrong."),
    "403": ("forbidden", "This API key may read, but not write."),
    "409": ("conflict", CONFLICT),
    "422": ("idempotency_key_reused", "This Idempotency-Key was used with another request."),
    "429": ("rate_limited", "Too many requests. Wait before trying again."),
}


def add_examples(document: dict[str, Any]) -> None:
    """Add an example to each id in a path, each request body and each response."""
    schemas = document["components"]["schemas"]
    for operations in (*document["paths"].values(), *document["webhooks"].values()):
        for operation in operations.values():
            for parameter in operation["parameters"]:
                if parameter["in"] == "path" and parameter["schema"]["type"] == "integer":
                    parameter["example"] = ID_EXAMPLE
            for content in operation.get("requestBody", {}).get("content", {}).values():
                content["example"] = example_of(content["schema"], schemas)
            for status, response in operation["responses"].items():
                for content in response.get("content", {}).values():
                    content["example"] = _error(status) or example_of(content["schema"], schemas)
    for event in document["webhooks"].values():
        data = event["post"]["requestBody"]["content"]["application/json"]["example"]["data"]
        del data["test"], data["omitted"]  # absent in most events


def _error(status: str) -> dict[str, Any] | None:
    if status not in ERRORS:
        return None
    code, message = ERRORS[status]
    return {"status": "error", "message": message, "code": code}
