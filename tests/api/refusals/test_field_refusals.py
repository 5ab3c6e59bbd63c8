"""Invalid values for every field of every body and query: 400 with a message that names it, and nothing changed."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.contract import read_document
from tests.support.operations import OPERATIONS, WITH_BODY, fields_of, with_field

MARK = "@wrong@"
PROVIDERS_WORDS = ("Body.", "Result.")
"""A payment provider's callback is used as far as it can be read (``test_mpesa.py``, ``provider_requests``)."""
LENIENT = {"subtotal", "shipping", "tax", "discount", "total", "price", "amount"}  # texts and numbers alike
LENIENT |= {"min_purchase", "max_discount", "cart_total", "free_above", "sale_price", "cost"}
FROM_ZERO = {"min_weight", "max_weight", "position", "lead_days_min", "lead_days_max"}  # numbers that may be 0
FROM_ZERO |= {"stock_quantity", "low_stock_at", "weight_grams"}


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_batch(value: list[Any]) -> bool:
    """Return whether the field is the list of a batch, whose rows are refused one by one."""
    return any(isinstance(row, dict) and row.keys() & {"subtotal", "amount"} for row in value)


WRONG: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "NUL": (r'"a\u0000b"', is_text),
    "half a character": (r'"a\ud800b"', is_text),
    "500,000 letters": (json.dumps("x" * 500_000), is_text),
    "a number for a text": ("17.25", is_text),
    "true for a text": ("true", is_text),
    "a text for a number": ('"many"', is_number),
    "a fraction": ("1.5", is_number),
    "true for a number": ("true", is_number),
    "zero": ("0", is_number),
    "a negative number": ("-1e300", is_number),
    "400 digits": ("1" + "0" * 400, lambda value: is_number(value) or is_text(value)),
    "a huge exponent": ("1e999", lambda value: is_number(value) or is_text(value)),
    "an object": ('{"a": "b"}', lambda value: not isinstance(value, dict)),
    "a list": ('["a"]', lambda value: not isinstance(value, list)),
    "a text for an object": ('"x"', lambda value: isinstance(value, dict | list)),
    "null in a list": ("[null]", lambda value: isinstance(value, list) and not is_batch(value)),
}


@pytest.mark.parametrize(("wrong", "meant"), WRONG.values(), ids=WRONG)
def test_a_wrong_field_is_named(api, sample, subtests, wrong, meant):
    for operation in WITH_BODY:
        if "/payments/received/" in operation.path:
            continue
        body = operation.body(sample)
        for path, value in fields_of(body):
            last = path.rsplit(".", 1)[-1]
            money = last in LENIENT or (last == "value" and "/coupons" in operation.path)
            lenient = path.startswith(PROVIDERS_WORDS) or (money and wrong == "17.25")
            lenient = lenient or (last in FROM_ZERO and wrong == "0") or (path, wrong) == ("metadata.catalogue", "true")
            if lenient or not meant(value):
                continue
            with subtests.test(f"{operation} {path}"):
                sent = json.dumps(with_field(body, path, MARK)).replace(json.dumps(MARK), wrong)
                answer = api.call(operation.method, operation.url(sample), data=sent, content_type="application/json")
                assert_refusal(operation, answer, path)


def assert_refusal(operation: Any, answer: Any, path: str) -> None:
    """Check that the error names the field; one row of a batch is refused on its own, by its own field names."""
    problem = answer.get_json()
    if answer.status_code == 207:
        data = problem["data"]
        assert data.get("created", data.get("recorded")) == []
        problem, path = data["failed"][0]["error"], re.sub(r"^(orders|sales)\[0\]\.?", "", path)
    elif operation.path.endswith("/import") and answer.status_code == 200:
        assert problem["data"]["imported"] == 0
        assert path.removeprefix("rows").removeprefix("[0]").lstrip(".") in problem["data"]["errors"][0]["error"]
        return
    else:
        assert answer.status_code == 400, answer.text
    assert path in problem["message"]
    assert operation.path.endswith("/batch") or any(error["field"].startswith(path) for error in problem["errors"])


def query_fields(app: Any) -> list[tuple[Any, str, dict[str, Any]]]:
    """Return each query parameter of the document: operation, name and schema."""
    paths = read_document(app)["paths"]
    return [
        (operation, parameter["name"], parameter["schema"])
        for operation in OPERATIONS
        for parameter in paths[operation.described][operation.method.lower()]["parameters"]
        if parameter["in"] == "query"
    ]


def wrong_values(schema: dict[str, Any]) -> list[str]:
    """Return values that the schema of a query parameter does not allow."""
    if schema.get("type") == "integer":
        beyond = [str(schema[word] + step) for word, step in (("minimum", -1), ("maximum", 1)) if word in schema]
        return ["abc", "1.5", "1e3", "-1", "1" + "0" * 30, "1" + "0" * 5000, "NaN", "\0", *beyond]
    return ["x" * 6000, "a\0b"]


def test_a_wrong_query_parameter_is_named(app, api, sample, subtests):
    for operation, name, schema in query_fields(app):
        for value in wrong_values(schema):
            with subtests.test(f"{operation} {name}={value[:20]!r}"):
                path = operation.url(sample).partition("?")[0]
                answer = api.call(operation.method, path, query_string={name: value})
                assert answer.status_code == 400, answer.text
                assert answer.get_json()["errors"][0]["field"] == name


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/customers", "sort=email"),
        ("/customers", "sort=--created_at"),
        ("/customers", "cursor=nothing"),
        ("/customers", "cursor=WyJjcmVhdGVkX2F0IiwxLDFd"),  # of another order
        ("/orders", "status=lost"),
        ("/orders", "payment_status=lost"),
        ("/marketing/loyalty/ledger", "type=gift"),
        ("/marketing/loyalty/ledger", "from=yesterday"),
        ("/marketing/loyalty/ledger", "from=2026-01-32"),
        ("/marketing/loyalty/ledger", "to=2026-01-15T10:00:00"),
        ("/marketing/loyalty/ledger", "to=9999-12-31T23:59:59-23:59"),
        ("/marketing/loyalty/ledger", "from=0001-01-01T00:00:00%2B23:59"),
        ("/storefront/products", "sort=stock"),
        ("/storefront/products/by-ids", "ids=1,,2"),
        ("/storefront/products/by-ids", "ids=" + ",".join("1" * 101)),
        ("/storefront/products/by-ids", "ids=-1"),
        ("/storefront/products/by-ids", "ids="),
    ],
)
def test_a_word_that_a_query_does_not_know_is_named(api, path, query):
    answer = api.get(f"{path}?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.get_json()["errors"][0]["field"] == query.partition("=")[0]
