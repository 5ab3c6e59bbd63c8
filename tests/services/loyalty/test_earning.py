"""Earning: on the shop's trigger, once an order, ever."""

import pytest

from shop.queries.loyalty.reports import get_standing
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER
from tests.support.entries import newest_entries

PAID, COMPLETED = "payment_paid", "order_completed"


def do(order, event):
    """Let an order become paid or completed."""
    if event == PAID:
        set_payment_status(order.id, "paid", TESTER)
    else:
        set_order_status(order.id, "completed", TESTER)


def points(customer):
    standing = get_standing(customer.id)
    return standing.points_balance, standing.lifetime_earned, len(standing.entries)


@pytest.fixture
def jane(ctx):
    return factories.make_customer(first_name="Jane")


@pytest.mark.parametrize(
    ("subtotal_cents", "per_unit", "minimum", "earned"),
    [
        (240000, "1", "0", 2400),
        (99999, "1", "0", 999),
        (99999, "0.1", "0", 99),
        (29, "100", "0", 29),
        (49999, "1", "500", 0),
    ],
)
def test_a_paid_order_earns_what_the_table_says(jane, subtotal_cents, per_unit, minimum, earned):
    change_setting("loyalty_points_per_currency_unit", per_unit, TESTER)
    change_setting("loyalty_min_order_subtotal_to_earn", minimum, TESTER)
    order = factories.make_order(jane, subtotal_cents)
    do(order, PAID)
    assert points(jane) == (earned, earned, 1 if earned else 0)


@pytest.mark.parametrize(
    ("trigger", "events", "after"),
    [
        ("payment_paid", [PAID], [100]),
        ("payment_paid", [COMPLETED, PAID], [0, 100]),
        ("order_completed", [COMPLETED], [100]),
        ("order_completed", [PAID, COMPLETED], [0, 100]),
        ("either", [PAID, COMPLETED], [100, 100]),
        ("either", [COMPLETED, PAID], [100, 100]),
    ],
)
def test_the_trigger_says_what_earns(jane, trigger, events, after):
    change_setting("loyalty_award_trigger", trigger, TESTER)
    order = factories.make_order(jane, 10000)
    seen = []
    for event in events:
        do(order, event)
        seen.append(points(jane)[0])
    assert seen == after


@pytest.mark.parametrize(
    ("trigger", "reported", "earned"),
    [
        ("payment_paid", {"payment_status": "paid"}, 100),
        ("payment_paid", {"status": "completed"}, 0),
        ("order_completed", {"status": "completed"}, 100),
        ("order_completed", {"payment_status": "paid"}, 0),
        ("either", {"payment_status": "paid", "status": "completed"}, 100),
        ("either", {"status": "completed"}, 100),
        ("payment_paid", {"payment_status": "paid", "status": "cancelled"}, 0),
        ("payment_paid", {"payment_status": "refunded"}, 0),
    ],
)
def test_an_order_that_is_created_paid_or_completed_earns_at_creation(jane, trigger, reported, earned):
    change_setting("loyalty_award_trigger", trigger, TESTER)
    factories.make_order(jane, 10000, **reported)
    assert points(jane) == (earned, earned, 1 if earned else 0)


def test_an_order_earns_once_however_it_is_toggled(jane):
    change_setting("loyalty_award_trigger", "either", TESTER)
    order = factories.make_order(jane, 10000)
    for payment, status in [
        ("paid", "completed"),
        ("pending", "processing"),
        ("paid", "completed"),
        ("pending", "pending"),
        ("paid", "completed"),
    ]:
        set_payment_status(order.id, payment, TESTER)
        set_order_status(order.id, status, TESTER)
    assert points(jane) == (100, 100, 1)


def test_an_entry_says_what_it_came_from(jane):
    order = factories.make_order(jane, 99999)
    do(order, PAID)
    (entry,) = newest_entries(jane.id)
    assert (entry.kind, entry.points, entry.order_id) == ("order_earned", 999, order.id)
    assert entry.note == f"Earned on order {order.order_number}"
    assert (entry.meta["subtotal"], entry.meta["points_per_currency_unit"]) == ("999.99", "1")
    assert (entry.actor_kind, entry.actor_label) == ("system", "Tester")


def test_shipping_tax_and_discount_do_not_change_what_is_earned(jane):
    factories.make_order(jane, 10000, shipping_cents=5000, tax_cents=1600, discount_cents=9000, payment_status="paid")
    assert points(jane)[0] == 100


def test_nothing_is_earned_while_loyalty_is_off(jane):
    order = factories.make_order(jane, 10000)
    change_setting("loyalty_points_enabled", False, TESTER)
    do(order, PAID)
    assert points(jane) == (0, 0, 0)


def test_what_an_order_earns_is_settled_when_it_is_placed(jane):
    order = factories.make_order(jane, 10000)
    change_setting("loyalty_points_per_currency_unit", "5", TESTER)
    change_setting("loyalty_award_trigger", "order_completed", TESTER)
    do(order, PAID)
    assert points(jane)[0] == 100


def test_a_cancelled_order_earns_nothing(jane):
    order = factories.make_order(jane, 10000)
    set_order_status(order.id, "cancelled", TESTER)
    do(order, PAID)
    assert points(jane) == (0, 0, 0)


def test_a_customer_with_no_points_has_zeros_and_no_account(jane):
    standing = get_standing(jane.id)
    assert (standing.points_balance, standing.lifetime_earned, standing.entries) == (0, 0, [])


def test_at_most_fifty_entries_are_shown_newest_first(jane):
    for number in range(55):
        factories.adjust_points(jane.id, 1, f"number {number}", TESTER)
    entries = get_standing(jane.id).entries
    assert [entry.note for entry in entries] == [f"number {number}" for number in range(54, 4, -1)]
