"""Whether each operation with a body, and each webhook, has a typed one in every generated client."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def untyped(document: dict[str, Any], place: Path) -> Iterator[str]:
    """Yield a sentence for each operation whose body is ``Any`` or ``unknown``, or is missing."""
    hey, types = (place / "hey/types.gen.ts").read_text(), (place / "types.d.ts").read_text()
    python = {path.stem: path.read_text() for path in (place / "made/tuza_api_client/api").rglob("*.py")}
    for operation in _with_body(document):
        name = operation["operationId"]
        content = next(iter(operation["requestBody"]["content"].values()))
        model = content["schema"].get("$ref", "").rpartition("/")[2]
        camel = name.title().replace("_", "")
        if not re.search(rf"^    body: {model},$", python.get(name, ""), re.MULTILINE):
            yield f"openapi-python-client: {name} has no body {model}"
        if not re.search(rf"export type {camel}Data = {{\n    body: {model};", hey):
            yield f"@hey-api/openapi-ts: {name} has no body {model}"
        if f'components["schemas"]["{model}"]' not in _of(types, f"    {name}: {{"):
            yield f"openapi-typescript: {name} has no body {model}"
        if re.search(r"\bunknown\b(?!;)", _of(types, f"        {model}: {{").partition("export interface")[0]):
            yield f"openapi-typescript: {model} is unknown"

    yield from _untyped_events(document, hey, types, python_models(place))


def python_models(place: Path) -> dict[str, str]:
    """Return the text of each Python model, by name of its module."""
    return {path.stem: path.read_text() for path in (place / "made/tuza_api_client/models").glob("*_event.py")}


def _untyped_events(document: dict[str, Any], hey: str, types: str, python: dict[str, str]) -> Iterator[str]:
    """Yield a sentence for each webhook whose body, or its data, has no type of its own."""
    for webhook in document["webhooks"].values():
        name = webhook["post"]["operationId"]
        model = webhook["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        if not re.search(r"^    data: \w+EventData$", python.get(f"{name}_event", ""), re.MULTILINE):
            yield f"openapi-python-client: {model} has no typed data"
        if f"export type {model.removesuffix('Event')}WebhookPayload = {model};" not in hey:
            yield f"@hey-api/openapi-ts: the webhook {name} has no body {model}"
        if f'components["schemas"]["{model}"]' not in _of(types, f"    {name}: {{"):
            yield f"openapi-typescript: the webhook {name} has no body {model}"


def _with_body(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for operations in document["paths"].values():
        yield from (operation for operation in operations.values() if "requestBody" in operation)


def _of(text: str, beginning: str) -> str:
    """Return the block that begins with a line, up to the closing brace of the same indentation."""
    start = text.find(f"\n{beginning}\n")
    if start < 0:
        return ""
    indent = len(beginning) - len(beginning.lstrip())
    return text[start : text.index(f"\n{' ' * indent}}};", start)]
