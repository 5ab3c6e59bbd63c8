"""The OpenAPI document as JSON and as a page, in whole and by tag."""

import json
import re
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, render_template, request

from shop.web.json_api.openapi import REF, build_document

blueprint = Blueprint("openapi_pages", __name__)

_REFERENCE = re.compile(re.escape(REF) + r"(\w+)")


@blueprint.get("/api/v1/openapi.json")
def openapi_document() -> Response:
    """Send the document, or with ``tag`` the part that holds that tag's operations."""
    tag = request.args.get("tag")
    return jsonify(_document() if tag is None else _part_of(_document(), tag))


@blueprint.get("/api/docs")
def openapi_page() -> str:
    """Show the list of all operations, or with ``tag`` that tag's operations to read and to try.

    Scripts open the one that ``operation`` names.
    """
    document, tag = _document(), request.args.get("tag")
    if tag is None:
        return render_template("api/operations.html", info=document["info"], areas=list(_areas(document)))
    tag = _part_of(document, tag)["tags"][0]["name"]
    return render_template("api/docs.html", tag=tag, operation=request.args.get("operation", ""))


def _document() -> dict[str, Any]:
    """Return the whole document. It is built once per process."""
    kept: dict[str, Any] | None = current_app.extensions.get("tuza_openapi")
    if kept is None:
        kept = current_app.extensions["tuza_openapi"] = build_document(current_app)
    return kept


def _part_of(document: dict[str, Any], tag: str) -> dict[str, Any]:
    """Return the document with one tag's operations and the schemas that they use; 404 if there is no such tag.

    Swagger UI takes about eight seconds to show all operations, and five at each click on one of them.
    """
    tags = [described for described in document["tags"] if described["name"] == tag]
    if not tags:
        abort(404)
    parts = {kind: _tagged(document[kind], tag) for kind in ("paths", "webhooks")}
    components = document["components"] | {"schemas": _used_by(parts, document["components"]["schemas"])}
    return document | {"tags": tags, "components": components} | parts


def _tagged(paths: dict[str, Any], tag: str) -> dict[str, Any]:
    """Return the paths, or webhooks, that have operations of a tag, with these alone."""
    found = {path: _of_tag(operations, tag) for path, operations in paths.items()}
    return {path: operations for path, operations in found.items() if operations}


def _of_tag(operations: dict[str, Any], tag: str) -> dict[str, Any]:
    return {method: operation for method, operation in operations.items() if tag in operation["tags"]}


def _used_by(parts: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas that paths and webhooks refer to, directly or through another schema."""
    used: set[str] = set()
    unread: list[Any] = [parts]
    while unread:
        named = set(_REFERENCE.findall(json.dumps(unread.pop(), default=str))) - used
        used |= named
        unread += [schemas[name] for name in named]
    return {name: schemas[name] for name in sorted(used)}


def _areas(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each tag with the method, path or type of event, summary and operationId of its operations."""
    for tag in document["tags"]:
        operations = [
            {"method": method.upper(), "path": path, "summary": operation["summary"], "id": operation["operationId"]}
            for kind in ("paths", "webhooks")
            for path, methods in _tagged(document[kind], tag["name"]).items()
            for method, operation in methods.items()
        ]
        yield tag | {"operations": operations}
