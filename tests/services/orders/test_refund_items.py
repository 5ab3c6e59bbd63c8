"""Refunds of items: priced as sold, less their share of the discount, and never more than were bought."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from shop.db.session import db
from shop.models import OrderRefundItem
from shop.queries.orders.effects import preview_refund
from shop.services.errors import InvalidInput
from shop.services.loyalty.ledger import find_balance
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.orders.recording import ExternalLine, ExternalOrder, record_order
from shop.services.orders.refunds import RefundLine, refund_order, refund_part
from shop.services.orders.repository import get_order
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER
from tests.support.rows import run_sql


@pytest.fixture
def jane(ctx):
    return factories.make_customer(points=5000)


def buy(customer, *, points=0, **rest):
    """A paid order of 3 × 100.00 and 1 × 200.00: subtotal 500.00."""
    lines = [(factories.make_product(price_cents=10000), 3), (factories.make_product(price_cents=20000), 1)]
    order = factories.place(customer, lines, points=points, **rest).order
    return set_payment_status(order.id, "paid", TESTER)


def refund(order, *pieces):
    """Refund a quantity of each line, by its position."""
    lines = [RefundLine(order.items[place].id, count) for place, count in enumerate(pieces) if count]
    return refund_order(order.id, lines, "came back", TESTER)


def kept(order):
    """Money refunded, pieces refunded of each line, the payment's status."""
    order = get_order(order.id)
    return order.refunded_cents, [item.refunded_quantity for item in order.items], order.payment_status


def test_pieces_give_back_what_they_were_sold_at(jane):
    order = buy(jane)
    part = refund(order, 1, 0).refunds[-1]
    assert (part.amount_cents, part.goods_cents, part.points_taken_back, part.points_short) == (10000, 10000, 100, 0)
    assert [(item.order_item_id, item.quantity) for item in part.items] == [(order.items[0].id, 1)]
    assert kept(order) == (10000, [1, 0], "paid")
    assert find_balance(jane.id) == 5000 + 500 - 100
    refund(order, 2, 1)
    assert kept(order) == (50000, [3, 1], "refunded")
    assert find_balance(jane.id) == 5000


@pytest.mark.parametrize("way", [[(3, 1)], [(1, 0), (2, 1)], [(0, 1), (1, 0), (1, 0), (1, 0)], [(2, 0), (1, 1)]])
@pytest.mark.parametrize("returns", ["at_end", "in_proportion"])
def test_any_split_of_all_goods_ends_on_the_same_sums(jane, way, returns):
    change_setting("loyalty_refund_returns_points", returns, TESTER)
    factories.make_coupon("THIRD", "fixed", 3333)
    delivery = factories.make_shipping(cost_cents=25000)
    order = buy(jane, points=1111, coupon_code="THIRD", shipping_method_id=delivery.id)
    assert order.total_cents == 50000 + 25000 - 3333 - 1111
    for pieces in way:
        refund(order, *pieces)
    # everything but the delivery: earned points are reversed, redeemed ones restored if the shop's setting says so
    assert kept(order) == (50000 - 3333 - 1111, [3, 1], "paid")
    back = 1111 if returns == "in_proportion" else 0
    assert find_balance(jane.id) == 5000 - 1111 + back
    refund_order(order.id, None, "the delivery too", TESTER)
    assert (kept(order)[2], find_balance(jane.id)) == ("refunded", 5000)


def test_half_the_goods_take_half_the_points_whatever_the_discount(jane):
    change_setting("loyalty_refund_returns_points", "in_proportion", TESTER)
    order = buy(jane, points=5000)  # 50.00 off 500.00
    part = preview_refund(order, [RefundLine(order.items[0].id, 2)])
    assert (part.amount_cents, part.goods_cents) == (18000, 20000)
    done = refund(order, 2, 0).refunds[-1]
    assert (done.points_taken_back, done.points_given_back) == (200, 2000)
    assert find_balance(jane.id) == part.effect.balance_after == 500 - 200 + 2000


def test_points_are_never_paid_out(jane):
    change_setting("loyalty_max_redeem_percent", 100, TESTER)
    milk = factories.make_product(price_cents=1000)
    order = factories.place(jane, [(milk, 2)], points=2000).order
    set_payment_status(order.id, "paid", TESTER)
    with pytest.raises(InvalidInput, match=r"come to 0\.00"):
        refund(order, 1)
    assert kept(order) == (0, [0], "paid")
    assert refund_order(order.id, None, "all of it", TESTER).payment_status == "refunded"
    assert find_balance(jane.id) == 5000


def test_amounts_and_items_share_what_was_paid(jane):
    order = buy(jane)
    refund_order(order.id, 45000, "goodwill", TESTER)
    assert refund(order, 1, 0).refunds[-1].amount_cents == 5000  # what is left of the money
    assert kept(order) == (50000, [1, 0], "refunded")


def test_a_tax_on_top_comes_back_with_its_goods(ctx, jane):
    lines = [ExternalLine(2, name="Jar", price_cents=5000)]
    reported = ExternalOrder(lines, customer_id=jane.id, tax_cents=1600, shipping_cents=300, payment_status="paid")
    order = record_order(reported, TESTER)
    assert refund(order, 1).refunded_cents == 5800
    assert refund(order, 1).refunded_cents == 11600


def test_never_more_than_were_bought(jane):
    order = buy(jane)
    refund(order, 2, 0)
    first = order.items[0].id
    other = buy(jane).items[0].id
    refused = {
        "from 1 to 1": [RefundLine(first, 2)],
        "named twice": [RefundLine(first, 1), RefundLine(first, 1)],
        "not an item of this order": [RefundLine(other, 1)],
    }
    for words, lines in refused.items():
        with pytest.raises(InvalidInput, match=words):
            refund_order(order.id, lines, "", TESTER)
    refund(order, 1, 0)
    with pytest.raises(InvalidInput, match="is already fully refunded"):
        refund(order, 1, 0)
    with pytest.raises(InvalidInput, match="combined with items"):
        refund_part(100, [RefundLine(order.items[1].id, 1)])
    assert kept(order) == (30000, [3, 0], "paid")


def test_the_database_itself_refuses_more_than_were_bought(private_app):
    with private_app.app_context():
        factories.make_shop()
        order = buy(factories.make_customer())
        for refunded in (4, -1):
            with pytest.raises(IntegrityError):
                run_sql(
                    "UPDATE order_items SET refunded_quantity = :n WHERE id = :id", n=refunded, id=order.items[0].id
                )


def test_the_same_request_again_is_the_same_refund(jane):
    order = buy(jane)
    lines = [RefundLine(order.items[0].id, 1)]
    for _ in range(2):
        refund_order(order.id, lines, "", TESTER, request_key="k")
    assert kept(order) == (10000, [1, 0], "paid")
    assert len(db.session.scalars(select(OrderRefundItem)).all()) == 1


def test_what_is_short_is_kept_with_the_refund(jane):
    order = buy(jane)
    factories.adjust_points(jane.id, -5450, "spent elsewhere", TESTER)
    part = refund(order, 1, 0).refunds[-1]
    assert (part.points_taken_back, part.points_short, find_balance(jane.id)) == (100, 50, 0)


def test_the_rule_of_the_day_it_was_placed_counts(jane):
    order = buy(jane, points=1000)
    for key, value in {
        "loyalty_points_per_currency_unit": 7,
        "loyalty_refund_returns_points": "in_proportion",
        "loyalty_points_per_currency_discount": 1,
    }.items():
        change_setting(key, value, TESTER)
    part = refund(order, 1, 0).refunds[-1]
    assert (part.amount_cents, part.points_taken_back, part.points_given_back) == (9800, 100, 0)
    set_order_status(order.id, "cancelled", TESTER)
    assert find_balance(jane.id) == 5000
