"""Schemathesis over the whole document: no server error, and no response that violates the document."""

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

from shop.web.json_api.openapi_parts import SHOPPER_COOKIE
from tests.support.contract import read_document
from tests.support.operations import OPERATIONS, Operation, World, build_world

EXAMPLES = 10
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
def world(inside: Any) -> World:
    """The records of a shop."""
    found: World = inside(build_world)
    return found


@cache
def described(app: Flask) -> Any:
    """The document as Schemathesis reads it."""
    schema = schemathesis.openapi.from_dict(read_document(app))
    schema.app = app
    return schema


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_no_answer_breaks_the_document(app, api, shop, world, operation):
    asked = described(app)[operation.described][operation.method]
    good, bad = (asked.as_strategy(generation_mode=mode) for mode in GenerationMode)

    sent = {"Authorization": api.authorization, "Cookie": f"{SHOPPER_COOKIE}={world.shopper}"}

    @PATIENT
    @given(case=good.map(lambda case: aim(case, operation, world)) | good | bad)
    def assert_answer_fits(case: Any) -> None:
        case.call_and_validate(base_url=shop.url, headers=sent, checks=CHECKS)

    assert_answer_fits()


def aim(case: Any, operation: Operation, world: World) -> Any:
    """Return a case about existing records: ids and required values of a valid request, all else as generated."""
    known = {
        "customer_id": world.customer,
        "order_id": world.order,
        "item_id": world.item,
        "address_id": world.address,
        "registration_id": world.registration,
        "merge_id": world.merge,
        "product_id": world.goods,
        "image_id": world.image,
        "category_id": world.category,
        "import_id": world.of_file,
        "coupon_id": world.coupon_id,
        "endpoint_id": world.webhook,
        "delivery_id": world.delivery,
        "shipping_method_id": world.shipping,
        "callback_token": world.callback,
        "slug": world.slug,
        "key": "store_name",
    }
    case.path_parameters = {name: known[name] for name in case.path_parameters or {}}
    if "payment_token" in operation.query:
        case.query = {"payment_token": world.payment_token}
    if operation.body is not None and isinstance(case.body, dict):
        free = {name: value for name, value in case.body.items() if name in FREE}
        case.body = operation.body(world) | free
    return case
