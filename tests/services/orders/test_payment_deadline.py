"""When unpaid orders are cancelled."""

from datetime import UTC, datetime, timedelta

import pytest

from shop.services import clock
from shop.services.actors import Shopper
from shop.services.catalogue.payment_methods import PaymentOption
from shop.services.errors import InvalidInput
from shop.services.orders.lifecycle import set_order_status
from shop.services.orders.payment_deadline import confirm_by, pay_by
from shop.services.orders.repository import get_order
from shop.services.payments.reconciliation import end_unpaid
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def option(code="mpesa", minutes=None):
    return PaymentOption(code, code, {}, minutes, True)


@pytest.mark.parametrize(
    ("method", "total", "deadline"),
    [
        (option(minutes=30), 100, NOON + timedelta(minutes=30)),
        (option(minutes=30), 0, None),
        (option(), 100, None),
        (None, 100, None),
    ],
)
def test_the_time_to_pay_is_the_methods(method, total, deadline):
    assert pay_by(method, total, NOON) == deadline


@pytest.mark.parametrize(
    ("method", "is_guest", "hours", "deadline"),
    [
        (None, True, 48, NOON + timedelta(hours=48)),
        (option("cod"), False, 1, NOON + timedelta(hours=1)),
        (option("mpesa"), False, 48, None),
        (None, False, 48, None),
        (option("cod"), True, 0, None),
    ],
)
def test_guests_and_orders_on_delivery_have_a_time_to_be_confirmed(method, is_guest, hours, deadline):
    assert confirm_by(method, is_guest, hours, NOON) == deadline


@pytest.fixture
def milk(ctx):
    return factories.make_product(stock=100)


def test_an_unconfirmed_order_of_a_guest_is_cancelled_and_its_stock_returns(milk):
    order = factories.place(factories.make_customer(), [(milk, 50)]).order
    assert not end_unpaid(order.id)
    with clock.moved_to(clock.now() + timedelta(hours=48, minutes=1)):
        assert end_unpaid(order.id)
    assert (get_order(order.id).status, factories.stock_of(milk)) == ("cancelled", 100)


def test_an_order_that_staff_set_to_processing_is_confirmed(milk):
    order = factories.place(factories.make_customer(), [(milk, 1)]).order
    set_order_status(order.id, "processing", TESTER)
    with clock.moved_to(clock.now() + timedelta(days=30)):
        assert not end_unpaid(order.id)


def test_the_shop_sets_the_hours(milk):
    change_setting("unconfirmed_order_hours", 0, TESTER)
    assert factories.place(factories.make_customer(), [(milk, 1)]).order.confirm_by is None


def test_a_guest_has_a_quantity_limit_and_a_customer_a_higher_one(milk):
    jane = factories.make_customer()
    with pytest.raises(InvalidInput) as refused:
        factories.place(jane, [(milk, 30), (milk, 21)])
    assert (refused.value.code, refused.value.errors[0].field) == ("quantity_limit", "items[1].quantity")
    assert factories.stock_of(milk) == 100
    assert factories.place(jane, [(milk, 51)], shopper=Shopper(1, jane.id)).order.confirm_by is None
    gift = factories.make_product(price_cents=0)
    assert factories.place(jane, [(gift, 51)]).order.payment_status == "paid"
