"""Schemathesis over the whole document: no server error, no answer that violates it, and every operation is reached.

Each operation is tried on one of the engines, in turns: the shape of an answer does not depend on it.
"""

import dataclasses
import itertools
import re
from functools import cache
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from shop.services.orders.lifecycle import mark_paid
from shop.web.json_api.openapi_parts import SHOPPER_COOKIE
from tests.factories import TESTER
from tests.support.contract import read_document
from tests.support.databases import ENGINES
from tests.support.operations import OPERATIONS, Operation, SampleRecords, make_sample_records

EXAMPLES = 8
ON_AN_ENGINE = list(zip(OPERATIONS, itertools.cycle(ENGINES), strict=False))
FREE = {"first_name", "last_name", "notes", "content", "note", "status", "payment_status", "payment_reference"}
FREE |= {"addresses", "shipping_address", "billing_address", "api_label", "order_date", "value", "reason"}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
PATIENT = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def sample(inside: Any) -> SampleRecords:
    """The records of a shop."""
    found: SampleRecords = inside(make_sample_records)
    return found


@cache
def described(app: Flask) -> Any:
    """The document as Schemathesis reads it; the application with a shopper's cookie at any host."""
    schema = schemathesis.openapi.from_dict(read_document(app))
    schema.app = lambda environ, start: app(environ | {"HTTP_COOKIE": environ.get("HTTP_X_COOKIE", "")}, start)
    return schema


@pytest.mark.parametrize(("operation", "engine_name"), ON_AN_ENGINE, ids=str)
def test_no_answer_breaks_the_document(app, api, shop, sample, operation, inside):
    if operation.path.endswith("/refunds"):
        inside(mark_paid, sample.order, "", TESTER)
    asked = described(app)[operation.described][operation.method]
    good, bad = (asked.as_strategy(generation_mode=mode) for mode in GenerationMode)

    sent = {"Authorization": api.authorization, "X-Cookie": f"{SHOPPER_COOKIE}={sample.shopper}"}
    sent |= operation.headers(sample)
    answers = set()

    @PATIENT
    @given(case=good.map(lambda case: aim(case, operation, sample)) | good | bad)
    def assert_answer_fits(case: Any) -> None:
        answers.add(case.call_and_validate(base_url=shop.url, headers=sent, checks=CHECKS).status_code)

    assert_answer_fits()
    assert operation.status >= 400 or min(answers) < 400, "no case was accepted"


def aim(case: Any, operation: Operation, sample: SampleRecords) -> Any:
    """Return a case about existing records: ids and required values of a valid request, all else as generated."""
    names, ours = (re.findall(r"{(\w+)}", path) for path in (operation.described, operation.path))
    records = dataclasses.asdict(sample) | {"key": "store_name"}
    case.path_parameters = {name: records[record] for name, record in zip(names, ours, strict=True)}
    if "payment_token" in operation.query:
        case.query = {"payment_token": sample.payment_token}
    if operation.body is not None and isinstance(case.body, dict):
        free = {name: value for name, value in case.body.items() if name in FREE}
        case.body = operation.body(sample) | free
    if operation.form is not None:
        given = operation.form(sample)
        case.body = {name: value[0].read() if isinstance(value, tuple) else value for name, value in given.items()}
    return case
