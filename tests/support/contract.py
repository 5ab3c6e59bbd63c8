"""A client that checks every JSON response against the OpenAPI document: status, type, headers and body."""

import json
import re
from functools import cache
from typing import Any

import jsonschema_rs
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from tests.support.clients import ShopClient

DOCUMENT = "/api/v1/openapi.json"
METHODS = ("get", "post", "put", "patch", "delete")
CONVERTER = re.compile(r"<(?:[^<>]*:)?(\w+)>")
PARTS = "urn:document"  # all validators share the document's parts: a copy for each would take 3 MB
PROBLEM = {"$ref": "#/components/schemas/Problem"}


def read_document(app: Flask) -> dict[str, Any]:
    """Return the OpenAPI document of an application."""
    answer = app.test_client().get(DOCUMENT)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = json.loads(answer.get_data())
    return found


def described_path(rule: str) -> str:
    """Return a rule of the URL map in the document's format."""
    return CONVERTER.sub(r"{\1}", rule)


class Contract:
    """The document and its checks."""

    def __init__(self, app: Flask) -> None:
        self.document = read_document(app)
        self.urls = app.url_map.bind("localhost")
        self.parts = jsonschema_rs.Registry([(PARTS, self.document)])
        self.validator = cache(self._validator)

    def judge(self, method: str, path: str, answer: TestResponse) -> None:
        """Raise AssertionError if a response of ``method path`` does not conform to the document."""
        where = f"{method} {path} -> {answer.status_code}"
        operation = self.operation(method, path)
        if answer.status_code == 304:
            assert operation is not None, where
            self._judge_headers(where, operation["responses"]["304"]["headers"], answer)
            return
        assert answer.mimetype == "application/json", f"{where}: {answer.mimetype}"
        if operation is None:
            schema = PROBLEM  # unknown path or method: the envelope nevertheless
        else:
            assert str(answer.status_code) in operation["responses"], f"{where} is not in the document: {answer.text}"
            described = operation["responses"][str(answer.status_code)]
            self._judge_headers(where, described["headers"], answer)
            schema = described["content"]["application/json"]["schema"]
        if method != "HEAD":
            body = json.loads(answer.get_data())
            self.assert_value_fits(body, schema, where)
            if path == "/api/v1/events" and answer.status_code == 200:
                self._judge_events(body["data"]["events"])

    def _judge_events(self, found: list[dict[str, Any]]) -> None:
        """Raise AssertionError if an event does not conform to the webhook of its type, which has the same body."""
        for event in found:
            webhook = self.document["webhooks"][event["type"]]["post"]["requestBody"]
            self.assert_value_fits(event, webhook["content"]["application/json"]["schema"], event["type"])

    def operation(self, method: str, path: str) -> dict[str, Any] | None:
        """Return the document's operation for a request; None for an unknown path or method."""
        try:
            rule, _ = self.urls.match(path, method, return_rule=True)
        except HTTPException:
            return None
        found: dict[str, Any] = self.document["paths"][described_path(rule.rule)]
        return found.get("get" if method == "HEAD" else method.lower())

    def assert_value_fits(self, value: Any, schema: dict[str, Any], where: str) -> None:
        """Raise AssertionError if a value does not match a schema of the document."""
        problems = [f"{'/'.join(map(str, problem.instance_path))}: {problem.message}"
                    for problem in self.validator(json.dumps(schema)).iter_errors(value)]  # fmt: skip
        assert not problems, f"{where}: {problems}"

    def _validator(self, schema: str) -> jsonschema_rs.Validator:
        named = json.loads(schema.replace('"#/components/', f'"{PARTS}#/components/'))
        return jsonschema_rs.Draft202012Validator(named, validate_formats=True, registry=self.parts)

    def _judge_headers(self, where: str, described: dict[str, Any], answer: TestResponse) -> None:
        for name, header in described.items():
            if "$ref" in header:
                header = self.document["components"]["headers"][header["$ref"].rsplit("/", 1)[-1]]
            value = answer.headers.get(name)
            assert value is not None or not header.get("required"), f"{where}: {name} is missing"
            if value is not None:
                number = header["schema"]["type"] == "integer"
                self.assert_value_fits(int(value) if number else value, header["schema"], f"{where}: {name}")


_of_routes: dict[frozenset[Any], Contract] = {}


@cache
def contract_of(app: Flask) -> Contract:
    """Return the contract of an application, read once for all that have the same routes: reading takes a second."""
    routes = frozenset((rule.rule, rule.endpoint, *sorted(rule.methods or ())) for rule in app.url_map.iter_rules())
    if routes not in _of_routes:
        _of_routes[routes] = Contract(app)
    return _of_routes[routes]


class CheckedClient(ShopClient):
    """A client that fails on a response below ``/api/v1`` that is not documented."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request and check the response."""
        answer = super().open(*args, **kwargs)
        method, path = answer.request.method, answer.request.path
        if path.startswith("/api/v1/") and path != DOCUMENT and method != "OPTIONS":
            contract_of(self.application).judge(method, path, answer)
        return answer
