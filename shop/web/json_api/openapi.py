"""The OpenAPI 3.1 document, built from the ``@endpoint`` declarations and their pydantic models."""

import inspect
import json
import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any

from flask import Flask
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from shop.domain.ids import MAX_ID
from shop.schemas.envelope import Problem
from shop.schemas.events.webhooks import EVENT_MODELS
from shop.schemas.types import ROW, row_models
from shop.web.json_api.endpoint import endpoint
from shop.web.json_api.openapi_examples import add_examples
from shop.web.json_api.openapi_parts import (
    HEADERS,
    IDEMPOTENCY_KEY,
    IF_NONE_MATCH,
    INFO,
    RETRY_AFTER,
    SECURITY_SCHEMES,
    SERVERS,
    TAGS,
)
from shop.web.json_api.openapi_webhooks import webhooks
from shop.web.pages.view_options import options_of

REF = "#/components/schemas/"
_VARIABLE = re.compile(r"<(?:[^<>]*:)?(\w+)>")
_PHRASES = {414: "URI Too Long", 422: "Unprocessable Content"}  # RFC 9110; older Pythons say otherwise
_ID_SCHEMA = {"type": "integer", "format": "int64", "minimum": 1, "maximum": MAX_ID}


def build_document(app: Flask) -> dict[str, Any]:
    """Return the document of an application's JSON endpoints."""
    declared = list(_endpoints(app))
    schemas = _schemas(options for _, options in declared)
    paths: dict[str, dict[str, Any]] = {}
    for rule, options in declared:
        path = _VARIABLE.sub(r"{\1}", rule.rule)
        for method in _methods(rule):
            operation = _operation(app, rule, options, schemas)
            operation["operationId"] = _operation_id(rule, method)
            paths.setdefault(path, {})[method] = operation
    tags = dict.fromkeys(options.tag for _, options in declared)
    document = {
        "openapi": "3.1.0",
        "info": INFO,
        "servers": SERVERS,
        "tags": [{"name": tag, "description": TAGS.get(tag, "")} for tag in tags],
        "security": [],
        "paths": paths,
        "webhooks": webhooks(REF),
        "components": {"schemas": schemas, "headers": HEADERS, "securitySchemes": SECURITY_SCHEMES},
    }
    add_examples(document)
    _drop_unused(schemas, document)
    return document


def _endpoints(app: Flask) -> Iterator[tuple[Rule, endpoint]]:
    for rule in app.url_map.iter_rules():
        options = options_of(app.view_functions[rule.endpoint]).endpoint
        if options is not None:
            yield rule, options


def _methods(rule: Rule) -> list[str]:
    return sorted(method.lower() for method in (rule.methods or set()) - {"HEAD", "OPTIONS"})


def _operation_id(rule: Rule, method: str) -> str:
    name = rule.endpoint.rsplit(".", 1)[-1]
    return name if len(_methods(rule)) == 1 else f"{name}_{method}"


def _schemas(declared: Iterable[endpoint]) -> dict[str, Any]:
    """Return the JSON schemas of all models, including nested ones, by name."""
    models: set[type[BaseModel]] = {Problem, *EVENT_MODELS.values()}
    files = {}
    for options in declared:
        used = (options.response, options.query, options.body, options.form)
        models |= {model for model in used if model is not None}
        models |= set(row_models(options.body)) if options.body is not None else set()
        if options.form is not None:
            files[options.form.__name__] = options.file
    ordered = sorted(models, key=lambda model: model.__name__)
    _, whole = models_json_schema([(model, "validation") for model in ordered], ref_template=REF + "{model}")
    schemas: dict[str, Any] = dict(sorted(whole["$defs"].items()))
    for schema in schemas.values():
        for field in schema.get("properties", {}).values():
            if _stands_for_missing(field):
                del field["default"]
            if ROW in field.get("items", ()):
                field["items"] = {"$ref": REF + field["items"][ROW]}
    for name, file in files.items():
        fields = schemas[name]["properties"]
        described = {word: fields[file][word] for word in ("title", "description", "examples")}
        fields[file] = described | {"type": "string", "format": "binary"}
    return schemas


def _stands_for_missing(field: dict[str, Any]) -> bool:
    """Return whether a field's default could not be sent: the model has it where the field is missing."""
    default, types = field.get("default"), field.get("type", "null")
    if default is None and "default" in field:
        return "null" not in types
    return types == "string" and (default == {} or (default == "" and bool(field.get("minLength"))))


def _drop_unused(schemas: dict[str, Any], document: dict[str, Any]) -> None:
    """Remove the schemas that nothing refers to: those of queries, whose fields are parameters."""
    text = json.dumps(document, default=str)
    for name in [name for name in schemas if f'"{REF}{name}"' not in text]:
        del schemas[name]


def _operation(app: Flask, rule: Rule, options: endpoint, schemas: dict[str, Any]) -> dict[str, Any]:
    summary, _, description = (inspect.getdoc(app.view_functions[rule.endpoint]) or "").partition("\n\n")
    paragraphs = [paragraph.replace("\n", " ").strip() for paragraph in description.split("\n\n")]
    operation: dict[str, Any] = {
        "summary": summary,
        "description": "\n\n".join(paragraphs),
        "tags": [options.tag],
        "security": [] if options.access == "public" else [{options.access: []}],
        "parameters": list(_parameters(rule, options, schemas)),
        "responses": _responses(options),
    }
    if options.body is not None:
        operation["requestBody"] = {"required": True, "content": _content("application/json", options.body)}
    if options.form is not None:
        operation["requestBody"] = {"required": True, "content": _content("multipart/form-data", options.form)}
    return operation


def _parameters(rule: Rule, options: endpoint, schemas: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name in _VARIABLE.findall(rule.rule):
        schema = _ID_SCHEMA if f"<id:{name}>" in rule.rule else {"type": "string"}
        yield {"name": name, "in": "path", "required": True, "description": "", "schema": schema}
    if options.query is not None:
        model = schemas[options.query.__name__]
        for name, field in model["properties"].items():
            yield {
                "name": name,
                "in": "query",
                "required": name in model.get("required", ()),
                "description": field.get("description", ""),
                "schema": _without_null(field),
            }
    if options.idempotent:
        yield IDEMPOTENCY_KEY
    if options.has_etag:
        yield IF_NONE_MATCH


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a query parameter's schema without null: a missing one is None in the model, but null cannot be sent."""
    rest = {word: value for word, value in schema.items() if word not in {"anyOf", "title"}}
    if rest.get("default", "") is None:
        del rest["default"]
    kinds = [kind for kind in schema.get("anyOf", ()) if kind.get("type") != "null"]
    return rest | kinds[0] if len(kinds) == 1 else rest | ({"anyOf": kinds} if kinds else {})


def _content(mimetype: str, model: type[BaseModel]) -> dict[str, Any]:
    return {mimetype: {"schema": {"$ref": REF + model.__name__}}}


def _responses(options: endpoint) -> dict[str, Any]:
    responses = {str(status): _response(status, options) for status in options.statuses}
    if options.has_etag:
        responses["304"] = {"description": HTTPStatus.NOT_MODIFIED.phrase, "headers": _headers(304, options)}
    return dict(sorted(responses.items()))


def _response(status: int, options: endpoint) -> dict[str, Any]:
    model = options.response if status in options.successes else Problem
    return {
        "description": _PHRASES.get(status) or HTTPStatus(status).phrase,
        "headers": _headers(status, options),
        "content": _content("application/json", model),
    }


def _headers(status: int, options: endpoint) -> dict[str, Any]:
    names = ["X-Request-Id", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"]
    names += ["X-Ignored", "Preference-Applied"]
    if options.idempotent:
        names.append("Idempotent-Replayed")
    if options.has_etag and status in {options.status, HTTPStatus.NOT_MODIFIED}:
        names.append("ETag")
    if options.is_list and status == options.status:
        names.append("Link")
    if status == HTTPStatus.UNAUTHORIZED and options.access == "api_key":
        names.append("WWW-Authenticate")
    headers: dict[str, Any] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    if status in {409, 429, 503}:
        headers["Retry-After"] = RETRY_AFTER | {"required": status != HTTPStatus.CONFLICT}
    return headers
