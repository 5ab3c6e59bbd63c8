"""Who may pay an order and see its payment status."""

import pytest

from shop.services.actors import Shopper
from shop.services.orders.repository import get_order
from shop.services.payments.access import may_pay
from tests import factories


@pytest.fixture
def placed(ctx):
    """An order placed from session 7."""
    return factories.place(factories.make_customer(), [(factories.make_product(), 1)], shopper=Shopper(7, None))


def test_a_payment_token_decides_alone(placed):
    order = get_order(placed.order.id)
    assert may_pay(order, None, placed.payment_token)
    owner = Shopper(7, order.customer_id)
    for wrong in ("", "x", placed.payment_token + "x"):
        assert not may_pay(order, owner, wrong)


def test_the_customer_may_from_any_session_and_another_from_none(placed):
    order = get_order(placed.order.id)
    assert may_pay(order, Shopper(8, order.customer_id), None)
    assert not may_pay(order, Shopper(7, order.customer_id + 1), None)


def test_the_session_that_placed_it_can_pay_while_no_customer_is_signed_in(placed):
    order = get_order(placed.order.id)
    assert may_pay(order, Shopper(7, None), None)
    assert not may_pay(order, Shopper(8, None), None)
    assert not may_pay(order, None, None)


def test_an_order_without_token_and_session_cannot_be_paid_by_others(ctx):
    order = get_order(factories.make_order(factories.make_customer()).id)
    assert not may_pay(order, Shopper(7, None), None)
    assert not may_pay(order, None, "")
