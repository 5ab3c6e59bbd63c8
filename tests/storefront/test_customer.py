"""A signed-in shopper's own records; and an unverified account, which sees none."""

from collections.abc import Callable
from typing import Any

import pytest

from shop.models import Customer
from shop.services.customers.addresses import add_address as add_for
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.shoppers import profile
from tests import factories
from tests.factories import PASSWORD, TESTER
from tests.support.clients import ShopClient

PUBLIC = "/api/v1/storefront"
MINE = f"{PUBLIC}/customer"


@pytest.fixture
def jane(inside: Callable[..., Any]) -> Customer:
    """A customer with points."""
    found: Customer = inside(factories.make_customer, password=PASSWORD, points=500, first_name="Jane")
    return found


@pytest.fixture
def signed(client: ShopClient, inside: Callable[..., Any], jane: Customer) -> ShopClient:
    """The customer's browser."""
    client.carry(inside(factories.make_session, jane.id))
    return client


@pytest.fixture
def unproved(client: ShopClient, inside: Callable[..., Any]) -> tuple[ShopClient, Customer]:
    """The browser of an unverified account with a guest customer's e-mail, and that customer."""
    guest = inside(factories.make_customer, points=900)
    inside(factories.place, guest, [(inside(factories.make_product), 1)])
    inside(add_for, guest.id, type="shipping", address1="Her Road", city="Nairobi")
    sent = {"email": guest.email, "password": PASSWORD, "first_name": "Mallory"}
    assert client.post(f"{PUBLIC}/auth/register", json=sent).status_code == 201
    return client, guest


def test_a_visitor_must_sign_in_first(app, client, subtests):
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(f"{MINE}/")]
    assert len(rules) >= 9
    for rule in rules:
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            with subtests.test(f"{method} {rule.rule}"):
                path = rule.rule.partition("<")[0] + ("1" if "<" in rule.rule else "")
                answer = client.open(path, method=method)
                assert (answer.status_code, answer.json["code"]) == (401, "sign_in_required")
                assert "WWW-Authenticate" not in answer.headers


def test_an_unproved_account_sees_nothing_of_the_email(unproved):
    client, _ = unproved
    assert client.get(f"{MINE}/profile").json["data"]["customer"]["first_name"] == "Mallory"
    assert client.get(f"{MINE}/addresses").json["data"]["addresses"] == []
    assert client.get(f"{MINE}/orders").json["data"] == {"orders": [], "total": 0, "page": 1, "limit": 20}
    points = client.get(f"{MINE}/loyalty").json["data"]
    assert (points["balance"], points["ledger"], points["registration"]) == (0, [], None)
    for number in range(1, 20):
        assert client.get(f"{MINE}/orders/{number}").status_code == 404
    address = {"address1": "Moi Avenue", "city": "Mombasa"}
    refused = client.post(f"{MINE}/addresses", json=address)
    assert (refused.status_code, refused.json["code"]) == (403, "email_not_confirmed")


def test_an_unproved_account_changes_only_itself(unproved, inside):
    client, guest = unproved
    changed = client.put(f"{MINE}/profile", json={"first_name": "Mal", "phone": "0712345678"})
    assert changed.json["data"]["customer"]["phone"] == "+254712345678"
    kept = inside(factories.reload, guest)
    assert (kept.first_name, kept.phone) == ("", None)


def test_a_profile_is_seen_and_changed(signed, jane, inside):
    assert signed.get(f"{MINE}/profile").json["data"]["customer"]["email"] == jane.email
    sent = {"first_name": " Janet ", "phone": "0712345678", "email": jane.email.upper()}
    assert signed.put(f"{MINE}/profile", json=sent).status_code == 200
    kept = inside(factories.reload, jane)
    assert (kept.first_name, kept.last_name, kept.phone) == ("Janet", "", "+254712345678")
    assert "janet" in kept.search_text
    assert "254712345678" in kept.search_text
    assert signed.put(f"{MINE}/profile", json={"phone": ""}).json["data"]["customer"]["phone"] is None
    for wrong in ({"phone": "12"}, {"email": "new@example.com"}):
        refused = signed.put(f"{MINE}/profile", json=wrong)
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, next(iter(wrong)))


def test_addresses_are_added_changed_and_removed(signed, api, jane, monkeypatch):
    sent = {"address_1": "Westlands Road", "address_2": "Flat 2", "city": "Nairobi", "postal_code": "00100"}
    added = signed.post(f"{MINE}/addresses", json=sent)
    shown = added.json["data"]["address"]
    assert (added.status_code, shown["type"], shown["address1"], shown["zip"]) == (
        201,
        "shipping",
        "Westlands Road",
        "00100",
    )
    path = f"{MINE}/addresses/{shown['id']}"
    changed = signed.put(path, json={"type": "billing", "address1": "Moi Avenue", "city": "Mombasa"})
    assert changed.json["data"]["address"]["city"] == "Mombasa"
    assert signed.get(f"{MINE}/addresses").json["data"]["addresses"] == [changed.json["data"]["address"]]
    assert api.get(f"/customers/{jane.id}").json["data"]["customer"]["addresses"][0]["address1"] == "Moi Avenue"
    monkeypatch.setattr(profile, "MAX_ADDRESSES", 1)
    assert signed.post(f"{MINE}/addresses", json=sent).json["code"] == "too_many"
    assert signed.delete(path).json["message"] == "Address deleted"
    assert signed.delete(path).status_code == 404


def test_a_retried_address_is_added_once(signed):
    sent, headers = {"address1": "Moi Avenue", "city": "Mombasa"}, {"Idempotency-Key": factories.unique("key")}
    first, again = (signed.post(f"{MINE}/addresses", json=sent, headers=headers) for _ in range(2))
    assert first.data == again.data
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(signed.get(f"{MINE}/addresses").json["data"]["addresses"]) == 1


def test_other_customers_cannot_find_an_address_or_order(app, shop, signed, inside, jane):
    address = inside(add_for, jane.id, type="shipping", address1="Her Road", city="Nairobi")
    order = inside(factories.place, jane, [(inside(factories.make_product), 1)]).order
    joe = ShopClient.at(app, shop.host)
    joe.carry(inside(factories.make_session, inside(factories.make_customer).id))
    sent = {"address1": "Moi Avenue", "city": "Mombasa"}
    assert joe.put(f"{MINE}/addresses/{address.id}", json=sent).status_code == 404
    assert joe.delete(f"{MINE}/addresses/{address.id}").status_code == 404
    assert joe.get(f"{MINE}/orders/{order.id}").status_code == 404
    assert joe.get(f"{PUBLIC}/orders/{order.id}/payment-status").status_code == 404
    assert signed.get(f"{MINE}/orders/{order.id}").status_code == 200


def test_orders_are_listed_newest_first_with_ones_own_words_alone(signed, inside, jane):
    product = inside(factories.make_product)
    first = inside(factories.place, jane, [(product, 1)], notes="Ring twice.").order
    second = inside(factories.place, jane, [(product, 2)]).order
    inside(set_order_status, first.id, "cancelled", TESTER, reason="She is never at home")
    found = signed.get(f"{MINE}/orders").json["data"]
    assert ([order["id"] for order in found["orders"]], found["total"]) == ([second.id, first.id], 2)
    cancelled = signed.get(f"{MINE}/orders?status=cancelled&limit=1").json["data"]["orders"]
    assert [order["id"] for order in cancelled] == [first.id]
    shown = signed.get(f"{MINE}/orders/{first.id}").json["data"]["order"]
    assert [note["content"] for note in shown["notes"]] == ["Ring twice."]
    assert "never at home" not in signed.get(f"{MINE}/orders").text


def test_the_payment_of_ones_own_order_needs_no_token(app, shop, signed, inside, jane):
    placed = inside(factories.place, jane, [(inside(factories.make_product), 1)])
    path = f"{PUBLIC}/orders/{placed.order.id}/payment-status"
    inside(set_payment_status, placed.order.id, "paid", TESTER, reference="SGH7X2K9QP")
    assert signed.get(path).json["data"]["payment_status"] == "paid"
    guest = ShopClient.at(app, shop.host)
    assert guest.get(path).status_code == 400
    assert guest.get(f"{path}?payment_token={placed.payment_token}").status_code == 200
    assert signed.get(f"{path}?payment_token=wrong").status_code == 404


def test_points_are_shown_with_their_worth_and_without_the_staffs_words(signed, inside, jane):
    found = signed.get(f"{MINE}/loyalty").json["data"]
    assert (found["enabled"], found["balance"], found["worth"], found["registration_status"]) == (True, 500, 5, None)
    assert [(entry["points"], entry["note"]) for entry in found["ledger"]] == [(500, "Adjusted by hand")]
