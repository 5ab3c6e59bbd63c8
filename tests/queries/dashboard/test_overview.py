"""The shop at a glance: its points over a span, and its largest balances."""

from datetime import UTC, datetime

import pytest

from shop.queries.dashboard.overview import get_overview, list_top_balances
from shop.services import clock
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.loyalty.adjustments import adjust_points
from shop.services.orders.lifecycle import set_order_status
from tests import factories
from tests.factories import TESTER

SUNDAY = datetime(2026, 7, 12, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _sunday(ctx):
    with clock.moved_to(SUNDAY):
        yield


def at(day, hour=9):
    return clock.moved_to(datetime(2026, *day, hour, tzinfo=UTC))


def earn(customer, points, day, hour=9):
    """Add an order of a day that earns this many points."""
    with at(day, hour):
        return factories.make_order(customer, points * 100, payment_status="paid")


def spend(customer, points, day):
    with at(day):
        return factories.place(customer, [(factories.make_product(price_cents=points * 10), 1)], points=points).order


def test_a_new_shop_has_nothing_and_says_so():
    overview = get_overview()
    assert (overview.outstanding, overview.moved.earned, overview.members) == (0, 0, 0)
    assert overview.rate is None
    assert list_top_balances() == []


def test_points_are_shown_in_the_part_in_which_they_moved():
    jane = factories.make_customer()
    earn(jane, 2000, (4, 15))
    earn(jane, 500, (7, 6))
    spend(jane, 300, (7, 8))
    columns = get_overview("13w").columns
    assert [(column.part.first.day, column.earned, column.redeemed) for column in columns if column.earned] == [
        (13, 2000, 0),
        (6, 500, 300),
    ]
    days = get_overview("30d").columns
    assert [
        (column.part.first.day, column.earned, column.redeemed)
        for column in days
        if any((column.earned, column.redeemed))
    ] == [
        (6, 500, 0),
        (8, 0, 300),
    ]
    assert [column.earned for column in get_overview("1y").columns][-4:] == [2000, 0, 0, 500]


def test_a_week_begins_at_midnight_in_the_shops_zone():
    jane = factories.make_customer()
    earn(jane, 100, (7, 5), hour=20)  # 23:00 in Nairobi, still Sunday
    earn(jane, 70, (7, 5), hour=21)  # Monday there
    assert [column.earned for column in get_overview().columns][-2:] == [100, 70]


def test_outstanding_points_are_worth_what_they_take_off():
    jane = factories.make_customer()
    earn(jane, 148000, (7, 1))
    overview = get_overview()
    assert (overview.outstanding, overview.outstanding_worth_cents) == (148000, 148000)
    assert overview.earned_worth_cents == 148000


def test_what_was_undone_is_no_redemption():
    jane = factories.make_customer()
    earn(jane, 1000, (7, 1))
    order = spend(jane, 500, (7, 2))
    assert get_overview().rate == 500
    with at((7, 3)):
        set_order_status(order.id, "cancelled", TESTER)
    overview = get_overview()
    assert (overview.moved.redeemed, overview.moved.returned) == (-500, 500)
    assert overview.rate == 0


def test_the_rate_is_compared_with_as_many_days_before():
    jane = factories.make_customer()
    earn(jane, 1000, (5, 20))
    spend(jane, 250, (5, 21))
    earn(jane, 1000, (7, 1))
    spend(jane, 620, (7, 2))
    overview = get_overview("30d")
    assert (overview.rate, overview.rate_before) == (620, 250)
    assert (overview.members, overview.members_before) == (0, 1)


def test_what_deleted_customers_held_is_not_outstanding():
    jane, john = factories.make_customer(), factories.make_customer()
    earn(jane, 1000, (7, 1))
    earn(john, 70, (7, 1))
    delete_customer(jane.id, TESTER)
    assert get_overview().outstanding == 70
    assert [row.customer_id for row in list_top_balances()] == [john.id]


def test_the_ten_largest_balances_come_first():
    people = [factories.make_customer(points=100 * number) for number in range(1, 12)]
    factories.make_customer()
    top = list_top_balances()
    assert [row.points for row in top] == [1100, 1000, 900, 800, 700, 600, 500, 400, 300, 200]
    assert top[0].customer_id == people[-1].id
    assert top[0].name == people[-1].email


def test_another_shops_points_are_not_counted(app):
    jane = factories.make_customer()
    earn(jane, 1000, (7, 1))
    mine = get_overview()
    factories.make_shop()
    adjust_points(factories.make_customer().id, 9, "for a test", TESTER)
    assert get_overview().moved.earned == 0
    assert get_overview().outstanding == 9
    assert mine.outstanding == 1000
