"""The order in which orders are undone does not change where the customer ends (``points-life.md``)."""

from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import current_shop_id
from shop.models import LoyaltyAccount
from shop.queries.orders.effects import calculate_effects
from shop.services.loyalty.adjustments import adjust_points
from shop.services.loyalty.verification import verify_ledger
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.orders.refunds import refund_order
from shop.services.orders.repository import get_order
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER
from tests.support.entries import newest_entries

PRODUCT_CENTS = 1000_00


@pytest.fixture
def milk(ctx):
    change_setting("loyalty_max_redeem_percent", "100", TESTER)
    return factories.make_product("Milk", PRODUCT_CENTS, stock=None)


def buy(customer, product, quantity, points=0):
    """A paid order of some pieces."""
    order = factories.place(customer, [(product, quantity)], points=points).order
    if order.total_cents:
        set_payment_status(order.id, "paid", TESTER)
    return order.id


def cancel(order_id):
    set_order_status(order_id, "cancelled", TESTER)


def refund(order_id):
    refund_order(order_id, None, "returned", TESTER)


def standing(customer):
    """Balance, lifetime points and points that are missing."""
    db.session.rollback()
    account = db.session.scalars(select(LoyaltyAccount).where(LoyaltyAccount.customer_id == customer.id)).one()
    return account.points_balance, account.lifetime_earned, account.shortfall


@pytest.mark.parametrize("undo", [cancel, refund])
@pytest.mark.parametrize("order_of_undoing", list(permutations(("earning", "spending"))))
def test_earning_and_spending_undone_either_way_round_leave_nothing(milk, undo, order_of_undoing):
    customer = factories.make_customer()
    orders = {"earning": buy(customer, milk, 2)}
    orders["spending"] = factories.place(customer, [(milk, 5)], points=2000).order.id
    assert standing(customer) == (0, 2000, 0)
    for name in order_of_undoing:
        preview = calculate_effects(get_order(orders[name])).cancel
        (cancel if name == "spending" else undo)(orders[name])
        assert standing(customer)[0] == preview.balance_after
    assert standing(customer) == (0, 0, 0)
    assert verify_ledger(current_shop_id()).is_clean


def test_points_given_back_settle_what_is_missing_in_an_entry_of_their_own(milk):
    customer = factories.make_customer()
    earning, spending = buy(customer, milk, 2), factories.place(customer, [(milk, 5)], points=1500).order.id
    cancel(earning)
    assert standing(customer) == (0, 1500, 1500)
    cancel(spending)
    settled, given_back, *_ = newest_entries(customer.id)
    assert (given_back.kind, given_back.points, given_back.event) == ("redeem_reversed", 1500, "cancelled")
    assert (settled.kind, settled.points, settled.event) == ("earn_reversed", -1500, "shortfall_settled")
    assert (settled.order_id, settled.shortfall) == (spending, -1500)


def test_points_taken_by_hand_settle_what_is_missing(milk):
    customer = factories.make_customer()
    earning, spending = buy(customer, milk, 2), factories.place(customer, [(milk, 5)], points=2000).order.id
    cancel(earning)
    adjust_points(customer.id, 700, "sorry", TESTER)
    adjust_points(customer.id, -600, "taken after all", TESTER)
    assert standing(customer) == (100, 2000, 1400)
    cancel(spending)
    assert standing(customer) == (700, 600, 0)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    earned=st.lists(st.integers(1, 3), min_size=1, max_size=3),
    spent=st.lists(st.integers(1, 2500), min_size=1, max_size=2),
    data=st.data(),
)
def test_any_order_of_undoing_ends_at_the_same_place(milk, earned, spent, data):
    ends = []
    for _ in range(2):
        customer = factories.make_customer()
        orders = [buy(customer, milk, pieces) for pieces in earned]
        left = sum(earned) * 1000
        for points in spent:
            if points <= left:
                left -= points
                orders.append(factories.place(customer, [(milk, 3)], points=points).order.id)
        for order_id in data.draw(st.permutations(orders)):
            cancel(order_id)
        ends.append(standing(customer))
    assert ends[0] == ends[1]
