"""Abandoned carts: recorded, the newest for each e-mail, for a limited time."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import AbandonedCart
from shop.services import clock
from shop.services.shoppers.abandoned_carts import purge_abandoned_carts
from tests import factories

PATH = "/api/v1/storefront/marketing/abandoned-carts"
ITEMS = [{"product_id": 12, "quantity": 2}]


@pytest.fixture
def kept(inside):
    """Return e-mails, customers and items of the stored carts."""
    row = AbandonedCart
    return lambda: [
        tuple(found) for found in inside(lambda: db.session.execute(select(row.email, row.customer_id, row.items)))
    ]


def test_a_cart_is_stored_as_sent(client, inside, kept):
    answer = client.post(PATH, json={"email": " Jane@Example.com", "items": ITEMS, "total": "240.00", "odd": 1})
    assert (answer.status_code, answer.json["status"]) == (202, "success")
    assert kept() == [("jane@example.com", None, [{"product_id": 12, "quantity": 2, "variant_id": None}])]
    client.post(PATH, json={"email": "jane@example.com", "items": [{"product_id": 13, "quantity": 1}]})
    assert [items[0]["product_id"] for _, _, items in kept()] == [13], "the newest for an e-mail"


def test_a_signed_in_shoppers_cart_is_theirs(client, inside, kept):
    jane = inside(factories.make_customer)
    client.carry(inside(factories.make_session, jane.id))
    assert client.post(PATH, json={"items": ITEMS}).status_code == 202
    assert [(email, customer) for email, customer, _ in kept()] == [(None, jane.id)]


@pytest.mark.parametrize("wrong", [{}, {"items": []}, {"items": ITEMS, "email": "nobody"}, {"items": ITEMS * 201}])
def test_what_is_no_cart_is_refused(client, kept, wrong):
    assert client.post(PATH, json=wrong).status_code == 400
    assert kept() == []


def test_an_address_reports_sixty_carts_an_hour(client):
    statuses = [client.post(PATH, json={"items": ITEMS}).status_code for _ in range(61)]
    assert (set(statuses[:60]), statuses[60]) == ({202}, 429)


def test_they_go_after_ninety_days(client, inside, kept, monkeypatch):
    client.post(PATH, json={"items": ITEMS})
    later = clock.now() + timedelta(days=91)
    monkeypatch.setattr(clock, "now", lambda: later)

    def purge():
        with transaction():
            return purge_abandoned_carts()

    assert inside(purge) == 1
    assert kept() == []
