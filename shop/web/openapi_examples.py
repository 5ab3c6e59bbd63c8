"""The finishing of the description: examples composed from the fields', idempotency, ids, who may call."""

import copy
import re
from typing import Any

from flask import Flask
from pydantic import BaseModel

MAX_ID = 2**63 - 1
REF = "#/components/schemas/"
INFO = """Customers, points, and spending them at checkout.

Admin endpoints take HTTP Basic with an API key; storefront endpoints are public and belong to the shop of the host
that was called. Errors always read `{"status": "error", "message": …, "code": …}`.
"""
IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "1–255 visible characters. The first answer is kept for 24 hours and given again for a retry.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "example": "0190e1c2-checkout-17",
}
RETRY_AFTER: dict[str, Any] = {
    "description": "Seconds to wait before trying again.",
    "schema": {"type": "integer", "minimum": 1},
    "example": 30,
}
HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-Id": {
        "description": "Names this request in our logs: the one that was sent, if it was 8 to 64 of A-Z a-z 0-9 . _ -",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{8,64}$"},
        "example": "5f1c2a9b7d3e4f60",
    },
    "X-RateLimit-Limit": {
        "description": "Requests that the caller may make in a window.",
        "schema": {"type": "integer", "minimum": 1},
        "example": 60,
    },
    "X-RateLimit-Remaining": {
        "description": "Requests that are left in this window.",
        "schema": {"type": "integer", "minimum": 0},
        "example": 59,
    },
    "X-RateLimit-Reset": {
        "description": "When the window ends, in seconds since 1970.",
        "schema": {"type": "integer", "minimum": 0},
        "example": 1768471200,
    },
    "Idempotent-Replayed": {
        "description": "There when the answer is one that was given before.",
        "schema": {"type": "string", "const": "true"},
        "example": "true",
    },
    "WWW-Authenticate": {
        "description": "HTTP Basic is asked for.",
        "required": True,
        "schema": {"type": "string"},
        "example": 'Basic realm="Tuza", charset="UTF-8"',
    },
}
CONVERTER = re.compile(r"<(?:[^<>]*:)?(\w+)>")
ERROR_EXAMPLES: dict[str, tuple[str, str]] = {
    "400": ("invalid_request", "items[0].quantity must be at least 1."),
    "401": ("invalid_api_key", "The API key or its secret is wrong."),
    "403": ("forbidden", "This API key may read, but not write."),
    "404": ("not_found", "There is nothing at this address."),
    "409": ("conflict", "Somebody changed the same thing at the same moment; nothing was changed. Try again."),
    "413": ("body_too_large", "The body is larger than this address takes."),
    "415": ("unsupported_media_type", "The body must be JSON, with Content-Type: application/json."),
    "422": ("idempotency_key_reused", "This Idempotency-Key was used with another request."),
    "429": ("rate_limited", "Too many requests. Wait before trying again."),
    "500": ("internal_error", "Something went wrong here. It has been recorded; try again later."),
    "503": ("unavailable", "The database cannot be reached at the moment. Try again in a few seconds."),
}


def complete(document: dict[str, Any], app: Flask) -> dict[str, Any]:
    """The document with examples at every body and answer, header parameters, answers' headers, and stable names."""
    whole = copy.deepcopy(document)
    whole["info"]["description"] = INFO
    whole["components"]["headers"] = HEADERS
    schemas = whole["components"]["schemas"]
    for (path, method), (name, marks) in _views(app).items():
        operation = whole["paths"][path][method]
        operation["operationId"] = name
        operation["responses"] = {str(code): operation["responses"][str(code)] for code in marks["codes"]}
        if marks["form"] is not None:
            operation["requestBody"] = _form_body(marks["form"], marks["file"], schemas)
        _finish_operation(operation, schemas)
        if marks["idempotent"]:
            operation["parameters"] = [*operation["parameters"], copy.deepcopy(IDEMPOTENCY)]
        for status, answer in operation["responses"].items():
            answer["headers"] = _headers_of(status, idempotent=marks["idempotent"], admin=marks["admin"])
    return whole


def _form_body(model: type[BaseModel], file: str, schemas: dict[str, Any]) -> dict[str, Any]:
    """A form with a file, put among the schemas by its model's name."""
    schema = model.model_json_schema()
    about = {word: schema["properties"][file][word] for word in ("title", "description", "examples")}
    schema["properties"][file] = about | {"type": "string", "format": "binary"}
    schemas[model.__name__] = schema
    return {"required": True, "content": {"multipart/form-data": {"schema": {"$ref": REF + model.__name__}}}}


def _views(app: Flask) -> dict[tuple[str, str], tuple[str, dict[str, Any]]]:
    """Name and marks of each described view, by its path as the document writes it and its method."""
    found: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {}
    for rule in app.url_map.iter_rules():
        marks = getattr(app.view_functions[rule.endpoint], "tuza_endpoint", None)
        if marks is None:
            continue
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        path, name = CONVERTER.sub(r"{\1}", rule.rule), rule.endpoint.rsplit(".", 1)[-1]
        for method in methods:
            found[path, method.lower()] = (name if len(methods) == 1 else f"{name}_{method.lower()}", marks)
    return found


def _headers_of(status: str, *, idempotent: bool, admin: bool) -> dict[str, Any]:
    names = ["X-Request-Id", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"]
    if idempotent:
        names.append("Idempotent-Replayed")
    if status == "401" and admin:  # the storefront asks nobody for a password
        names.append("WWW-Authenticate")
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    if status in {"409", "429", "503"}:
        headers["Retry-After"] = RETRY_AFTER | {"required": status != "409"}
    return headers


def _finish_operation(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    for parameter in operation["parameters"]:
        if parameter["in"] == "path" and parameter["schema"].get("type") == "integer":
            parameter["schema"] = {"type": "integer", "format": "int64", "minimum": 1, "maximum": MAX_ID}
            parameter["example"] = 42
        elif parameter["in"] == "query":
            parameter["schema"] = _given(parameter["schema"])
    for content in operation.get("requestBody", {}).get("content", {}).values():
        content["example"] = example_of(content["schema"], schemas)
    operation.get("requestBody", {}).pop("description", None)
    for status, answer in operation["responses"].items():
        for content in answer.get("content", {}).values():
            content["example"] = _error_example(status) or example_of(content["schema"], schemas)


def _given(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a query parameter that is there: what is left out is null inside, but nobody can send null."""
    rest = {word: value for word, value in schema.items() if word not in {"anyOf", "title"}}
    if rest.get("default", "") is None:
        del rest["default"]
    kinds = [kind for kind in schema.get("anyOf", ()) if kind.get("type") != "null"]
    return rest | kinds[0] if len(kinds) == 1 else rest | ({"anyOf": kinds} if kinds else {})


def _error_example(status: str) -> dict[str, Any] | None:
    if status not in ERROR_EXAMPLES:
        return None
    code, message = ERROR_EXAMPLES[status]
    return {"status": "error", "message": message, "code": code}


def example_of(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """An example of a schema, put together from the examples of its parts."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    if schema.get("examples"):
        return schema["examples"][0]
    for word in ("example", "const"):
        if word in schema:
            return schema[word]
    if "enum" in schema:
        return schema["enum"][0]
    if "properties" in schema:
        return {name: example_of(part, schemas) for name, part in schema["properties"].items()}
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], schemas)
    if schema.get("type") == "array":
        return [example_of(schema.get("items", {}), schemas)]
    if "default" in schema:
        return schema["default"]
    plain = {"string": "", "integer": 1, "number": 1, "boolean": True, "object": {}, "null": None}
    return plain.get(schema.get("type", "object"))
