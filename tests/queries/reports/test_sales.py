"""Sums of sales, best products and customers, payments by method, members against others."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from shop.domain.dates.date_ranges import Part
from shop.domain.dates.days import day_of
from shop.queries.reports.sales import Buyers, Sales, count_buyers, sum_sales
from shop.queries.reports.tables import best_customers, best_products, members_and_others, payments_by_method
from shop.queries.reports.today import get_sales_now
from shop.services import clock
from shop.services.orders.fulfilment.undo import undo_paid
from shop.services.orders.lifecycle import mark_paid, set_order_status, set_payment_status
from shop.services.orders.refunds import RefundLine, refund_order
from shop.services.till.sales import Sale, record_sale
from tests import factories
from tests.factories import TESTER

NOV = Part(date(2026, 11, 1), date(2026, 11, 30))
OCT = Part(date(2026, 10, 1), date(2026, 10, 31))


@pytest.fixture
def orders(ctx):
    with clock.moved_to(datetime(2026, 10, 7, 9, tzinfo=UTC)):
        jane = factories.make_customer(first_name="Jane", last_name="Doe")
        factories.make_order(jane, 50_000, payment_status="paid")
    with clock.moved_to(datetime(2026, 11, 4, 9, tzinfo=UTC)):
        john = factories.make_customer(first_name="John")
        factories.make_order(jane, 30_000, payment_status="paid")
        factories.make_order(john, 20_000, payment_status="paid")
        factories.make_order(john, 99_000)
        cancelled = factories.make_order(john, 70_000)
        set_payment_status(cancelled.id, "paid", TESTER)
        set_order_status(cancelled.id, "cancelled", TESTER)
        tea = factories.make_product("Chai", 10_000)
        placed = factories.place(jane, [(tea, 2)]).order
        set_payment_status(placed.id, "paid", TESTER)
    return jane, john


def test_sales_are_paid_orders_of_the_shops_days(orders):
    november, october = sum_sales([NOV, OCT])
    assert (november.orders, november.cents, november.average_cents("KES")) == (3, 70_000, 23_333)
    assert october == Sales(1, 50_000, 0)
    assert count_buyers(NOV) == Buyers(new=1, returning=1)


@pytest.mark.parametrize(
    ("orders", "cents", "currency", "average"),
    [
        (200, 5_867_900, "KES", 29_340),
        (3, 100, "KES", 33),
        (2, 300_100, "JPY", 150_100),
        (4, 300_100, "JPY", 75_000),
        (0, 0, "KES", 0),
    ],
)
def test_the_average_is_rounded_half_up_to_what_can_be_paid(orders, cents, currency, average):
    assert Sales(orders, cents, 0).average_cents(currency) == average


def test_the_best_products_and_customers_come_first(orders):
    jane, john = orders
    assert [(row.name, row.id, row.number, row.cents) for row in best_customers(NOV)] == [
        ("Jane Doe", jane.id, 2, 50_000),
        ("John", john.id, 1, 20_000),
    ]
    assert ("Chai", 2, 20_000) in [(row.name, row.number, row.cents) for row in best_products(NOV)]


def test_products_are_counted_without_what_was_refunded(ctx):
    tea, milk, day = factories.make_product("Chai", 10_000), factories.make_product("Maziwa", 5_000), clock.now()
    john = factories.make_customer()
    in_full, of_a_line, of_money = (factories.place(john, [(tea, 2)]).order for _ in range(3))
    only_milk = factories.place(john, [(milk, 1)]).order
    for order in (in_full, of_a_line, of_money, only_milk):
        set_payment_status(order.id, "paid", TESTER)
    refund_order(in_full.id, None, "", TESTER)
    refund_order(only_milk.id, 5_000, "", TESTER)
    refund_order(of_a_line.id, [RefundLine(of_a_line.items[0].id, 1)], "", TESTER)
    refund_order(of_money.id, 1_000, "", TESTER)
    today = day_of(day, "Africa/Nairobi")
    rows = best_products(Part(today, today))
    assert [(row.name, row.number, row.cents) for row in rows] == [("Chai", 3, 30_000)]


def test_payments_include_the_tills_without_a_reference(ctx):
    for cents in (4_000, 2_500):
        record_sale(Sale(str(uuid4()), cents, "cash", phone="0712345678"), TESTER)
    record_sale(Sale(str(uuid4()), 1_000, "mpesa", phone="0712345678", reference="SGH7X2K9QP"), TESTER)
    today = day_of(clock.now(), "Africa/Nairobi")
    rows = payments_by_method(Part(today, today))
    assert [(row.name, row.number, row.cents) for row in rows] == [("Cash", 2, 6_500), ("M-Pesa", 1, 1_000)]


def test_a_payment_marked_by_mistake_counts_once(ctx):
    order = factories.make_order(factories.make_customer(), 30_000)
    mark_paid(order.id, "TGR4K8P2QX", TESTER, method="cash")
    undo_paid(order.id, TESTER)
    mark_paid(order.id, "TGR4K8P2QY", TESTER, method="mpesa")
    today = day_of(clock.now(), "Africa/Nairobi")
    rows = payments_by_method(Part(today, today))
    assert [(row.name, row.number, row.cents) for row in rows] == [("M-Pesa", 1, 30_000)]


def test_members_and_others_add_up(orders):
    members, others = members_and_others(NOV)
    assert (members.number + others.number, members.cents + others.cents) == (3, 70_000)


def test_today_is_compared_with_the_same_hours_before(orders):
    with clock.moved_to(datetime(2026, 11, 11, 8, tzinfo=UTC)):
        now = get_sales_now()
    assert (now.today.now, now.today.then) == (Sales(), Sales())
    with clock.moved_to(datetime(2026, 11, 11, 10, tzinfo=UTC)):
        now = get_sales_now()
    assert (now.today.then.orders, now.week.then.orders, now.month.now.orders) == (3, 3, 3)
    assert now.month.then.cents == 50_000
