"""The examples of the OpenAPI document can be sent as they are."""

from typing import Any

import pytest

from tests.support.contract import read_document

IN_A_NEW_SHOP = {"POST /marketing/loyalty/adjust": 404, "POST /sandbox/clock": 403, "POST /api-keys": 403}
"""Examples about what a new live shop does not have, or an API key may not do."""


@pytest.fixture
def document(app):
    return read_document(app)


def example_of(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if "examples" in schema:
        return schema["examples"][0]
    if "items" in schema:
        return [example_of(schema["items"], document)]
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], document)
    return {name: example_of(part, document) for name, part in schema.get("properties", {}).items()}


def test_bodies_of_the_document_are_accepted(api, document):
    wrong = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body is None or "{" in path or "/storefront/" in path:
                continue
            name = f"{method.upper()} {path.removeprefix('/api/v1')}"
            sent = body.get("example") or example_of(body["schema"], document)
            headers = {"Authorization": api.authorization, "Idempotency-Key": name.replace(" ", "")}
            answer = api.client.open(path, method=method.upper(), json=sent, headers=headers)
            # an example that is sent again meets itself
            if answer.status_code not in {200, 201, 207, 409, IN_A_NEW_SHOP.get(name)}:
                wrong[name] = (answer.status_code, answer.text)
    assert wrong == {}
