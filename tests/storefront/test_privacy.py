"""A shopper's requests about their own data."""

import pytest

from shop.services.privacy.requests import close_request
from tests import factories
from tests.factories import TESTER
from tests.support.shopful import register_shopper

REQUESTS = "/api/v1/storefront/account/privacy-requests"


@pytest.fixture
def signed(client, inside):
    customer = inside(factories.make_customer, password=factories.PASSWORD)
    client.carry(inside(factories.make_session, customer.id))
    return client


def test_a_request_is_received_and_followed(signed, inside):
    made = signed.post(REQUESTS, json={"kind": "access", "note": "All"})
    request = made.json["data"]["request"]
    assert (made.status_code, request["kind"], request["state"], request["note"]) == (
        201,
        "access",
        "open",
        "All",
    )
    assert request["handled_at"] is None
    assert signed.get(REQUESTS).json["data"]["requests"] == [request]
    inside(close_request, request["id"], "done", "Sent.", TESTER)
    (closed,) = signed.get(REQUESTS).json["data"]["requests"]
    assert (closed["state"], closed["outcome"]) == ("done", "Sent.")


def test_the_same_is_not_asked_twice_while_it_is_open(signed):
    assert signed.post(REQUESTS, json={"kind": "erasure"}).status_code == 201
    again = signed.post(REQUESTS, json={"kind": "erasure"})
    assert (again.status_code, again.json["code"]) == (409, "already_requested")


@pytest.mark.parametrize("body", [{}, {"kind": "fame"}, {"kind": "access", "note": "x" * 5001}, {"kind": None}])
def test_unreadable_values_are_refused(signed, body):
    assert signed.post(REQUESTS, json=body).status_code == 400


def test_ten_a_day(signed, inside):
    for number in range(10):
        kinds = ["access", "correction", "erasure", "portability", "objection"]
        made = signed.post(REQUESTS, json={"kind": kinds[number % 5]})
        inside(close_request, made.json["data"]["request"]["id"], "done", "", TESTER)
    assert signed.post(REQUESTS, json={"kind": "access"}).status_code == 429


def test_only_a_proved_customer_asks(client, inside):
    assert client.post(REQUESTS, json={"kind": "access"}).status_code == 401
    client.carry(inside(register_shopper, "new@example.com"))
    assert client.post(REQUESTS, json={"kind": "access"}).status_code == 403
    assert client.get(REQUESTS).status_code == 403


def test_another_customers_requests_are_not_shown(signed, client, inside):
    assert signed.post(REQUESTS, json={"kind": "access"}).status_code == 201
    other = inside(factories.make_customer, password=factories.PASSWORD)
    client.carry(inside(factories.make_session, other.id))
    assert client.get(REQUESTS).json["data"]["requests"] == []
