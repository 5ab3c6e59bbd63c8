"""Limits on orders of one address and on order mails to one mailbox, counted in the database."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from shop.db.session import db
from shop.models import Order, OutboxMessage
from shop.services import clock
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.errors import TooOften
from shop.services.orders.placement import Checkout, place_order
from tests import factories

START = datetime(2026, 1, 15, 10, 0, tzinfo=UTC)


@pytest.fixture
def order(ctx):
    milk = factories.make_product()

    def place(email="victim@example.com", address=None):
        return place_order(Checkout(email, [CartLine(milk.id, 1)]), address=address)

    return place


def count(model, *which):
    return db.session.scalars(select(func.count(model.id)).where(*which)).one()


def mails():
    return count(OutboxMessage, OutboxMessage.kind == "order_placed")


def test_the_sixth_order_of_an_hour_for_one_mailbox_is_taken_without_a_mail(order):
    with clock.moved_to(START):
        for _ in range(7):
            order()
        order("other@example.com")
    assert (count(Order), mails()) == (8, 6)
    with clock.moved_to(START + timedelta(hours=1)):
        order(" Victim@Example.com ")
    assert mails() == 7


def test_twenty_mails_a_day_go_to_one_mailbox(order):
    for hour in range(6):
        with clock.moved_to(START + timedelta(hours=hour)):
            for _ in range(5):
                order()
    assert (count(Order), mails()) == (30, 20)


def test_an_address_has_an_hourly_order_limit(order, monkeypatch, app):
    monkeypatch.setitem(app.config, "ORDERS_PER_ADDRESS_HOUR", 3)
    with clock.moved_to(START):
        for number in range(3):
            order(f"p{number}@example.com", "192.0.2.1")
        with pytest.raises(TooOften) as refused:
            order("p4@example.com", "192.0.2.1")
        assert refused.value.retry_after == 3600
        order("p4@example.com", "192.0.2.2")
    assert count(Order) == 4
    with clock.moved_to(START + timedelta(hours=1)):
        order("p4@example.com", "192.0.2.1")
