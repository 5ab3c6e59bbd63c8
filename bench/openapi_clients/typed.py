"""Whether each operation with a body has a typed one in every generated client."""

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
