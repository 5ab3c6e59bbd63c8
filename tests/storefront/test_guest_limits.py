"""What guests may do without limit, and how they are identified."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import CheckoutSession, Order, OutboxMessage
from shop.services import clock
from shop.services.outbox import purge_messages
from tests import factories

SHOP = "/api/v1/storefront"
CREATE = f"{SHOP}/checkout/create-order"


@pytest.fixture
def body(inside):
    """The minimal body of an order."""
    milk = inside(factories.make_product)
    return {"customer": {"email": "guest@example.com"}, "items": [{"product_id": milk.id, "quantity": 1}]}


@pytest.fixture
def send(client):
    def order(body, address, key=None):
        headers = {"Idempotency-Key": key} if key else {}
        return client.post(CREATE, json=body, headers=headers, environ_base={"REMOTE_ADDR": address})

    return order


def count(model, *which):
    return db.session.scalars(select(func.count(model.id)).where(*which)).one()


def test_a_guests_guessable_key_counts_for_their_address(send, body, inside):
    first = send(body, "192.0.2.1", "order-1")
    again = send(body, "192.0.2.1", "order-1")
    other = send(body, "192.0.2.2", "order-1")
    assert [one.status_code for one in (first, again, other)] == [201, 201, 201]
    assert again.data == first.data
    token = first.get_json()["data"]["order"]["payment_token"]
    assert other.get_json()["data"]["order"]["payment_token"] != token
    assert "Idempotent-Replayed" not in other.headers
    assert inside(count, Order) == 2


def test_a_guest_with_a_random_key_gets_the_first_answer_from_another_address(send, body, inside):
    key = str(uuid.uuid4())
    first, again = send(body, "192.0.2.1", key), send(body, "198.51.100.7", key)
    assert again.data == first.data
    assert send(body | {"notes": "x"}, "198.51.100.7", key).status_code == 422
    assert inside(count, Order) == 1


def test_a_shoppers_session_keeps_its_keys_when_the_address_changes(client, send, body, inside):
    client.post(f"{SHOP}/cart", json=body["items"][0])
    assert client.carried
    first, again = send(body, "192.0.2.1", "order-1"), send(body, "198.51.100.7", "order-1")
    assert (first.status_code, again.data) == (201, first.data)
    assert inside(count, Order) == 1


def test_the_31st_order_of_an_hour_from_one_address_is_refused(send, body, app, monkeypatch, inside):
    monkeypatch.setitem(app.config, "ORDERS_PER_ADDRESS_HOUR", 30)
    statuses = [send(body, "192.0.2.1").status_code for _ in range(31)]
    assert statuses == [201] * 30 + [429]
    assert send(body, "192.0.2.2").status_code == 201
    assert inside(count, Order) == 31


def test_an_address_opens_300_checkouts_an_hour(client, shop, body, inside):
    page = f"/checkout/{shop.slug}?items={body['items'][0]['product_id']}:1"
    start = clock.now()
    with clock.moved_to(start):
        statuses = [client.get(page).status_code for _ in range(301)]
    assert statuses == [200] * 300 + [429]
    assert inside(count, CheckoutSession) == 300
    with clock.moved_to(start + timedelta(hours=1)):
        assert client.get(page).status_code == 200


def test_messages_without_recipient_are_deleted_after_a_day(client, inside):
    start = clock.now()
    with clock.moved_to(start):
        client.post(f"{SHOP}/loyalty/redemption/send-otp", json={"email": "nobody@example.com"})

    def finish():  # as the worker does, which sends nothing
        with transaction() as session:
            session.execute(update(OutboxMessage).values(state="dropped", finished_at=start, due_at=start))

    def after(**span):
        with clock.moved_to(start + timedelta(**span)):
            purge_messages()
        return count(OutboxMessage, OutboxMessage.recipient.is_(None))

    inside(finish)
    assert inside(after, hours=1) == 1
    assert inside(after, days=2) == 0
