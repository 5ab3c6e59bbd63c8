"""Undoing an order: redeemed points restored and earned ones reversed, each once (the last table of the rules)."""

import pytest

from shop.db.session import db
from shop.domain.loyalty.points import LoyaltyRules, points_reversed
from shop.queries.loyalty.reports import get_standing
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.orders.placement import Checkout, place_order
from shop.services.orders.refunds import refund_order
from shop.services.orders.repository import get_order
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER
from tests.support.entries import newest_entries

EVENTS = {
    "cancelled": lambda order: set_order_status(order.id, "cancelled", TESTER),
    "payment failed": lambda order: set_payment_status(order.id, "failed", TESTER),
    "refunded": lambda order: set_payment_status(order.id, "refunded", TESTER),
    "refunded at once": lambda order: refund_order(order.id, None, "came back", TESTER),
}


@pytest.fixture
def jane(ctx):
    return factories.make_customer(points=1480)


@pytest.fixture
def order(jane):
    """A paid order over 158.00 that redeemed 1480 points and earned 158."""
    placed = factories.place(jane, [(factories.make_product(price_cents=15800), 1)], points=1480)
    set_payment_status(placed.order.id, "paid", TESTER)
    assert points(jane) == (158, 158)
    return placed.order


def points(customer):
    standing = get_standing(customer.id)
    return standing.points_balance, standing.lifetime_earned


def undoing(customer):
    return [
        (entry.kind, entry.points)
        for entry in reversed(newest_entries(customer.id))
        if entry.kind.endswith("_reversed")
    ]


@pytest.mark.parametrize("what", EVENTS)
def test_undoing_gives_back_what_was_redeemed_and_takes_back_what_was_earned(jane, order, what):
    EVENTS[what](order)
    assert undoing(jane) == [("redeem_reversed", 1480), ("earn_reversed", -158)]
    assert points(jane) == (1480, 0)
    word = "refunded" if what.startswith("refunded") else what
    taken, given = newest_entries(jane.id)[:2]
    assert given.note == f"Returned: order {order.order_number} {word}"
    assert (given.kind, taken.kind, given.order_id) == ("redeem_reversed", "earn_reversed", order.id)


@pytest.mark.parametrize("first", ["cancelled", "payment failed"])
@pytest.mark.parametrize("then", ["cancelled", "payment failed", "refunded"])
def test_undoing_twice_moves_nothing_more(jane, order, first, then):
    EVENTS[first](order)
    for status in ("processing", "completed"):
        set_order_status(order.id, status, TESTER)
    for payment in ("pending", "paid"):
        set_payment_status(order.id, payment, TESTER)
    EVENTS[then](order)
    again = [("redeem_reversed", 1480)] * (first == "payment failed")
    assert undoing(jane) == [("redeem_reversed", 1480), ("earn_reversed", -158), *again]
    assert points(jane) == (1480, 0)


@pytest.fixture
def counted(ctx):
    """A customer, their unpaid order with coupon and points, and the remaining stock, uses and points."""
    jane = factories.make_customer(points=1000)
    product, coupon = factories.make_product(price_cents=10000, stock=3), factories.make_coupon(usage_limit=1)
    order = factories.place(jane, [(product, 2)], points=1000, coupon_code=coupon.code).order

    def left():
        db.session.expire_all()
        return product.stock_quantity, coupon.usage_count, points(jane)[0]

    return jane, product, coupon, order, left


def test_a_failed_payment_returns_stock_coupon_and_points_and_takes_them_again(counted):
    _, _, _, order, left = counted
    assert left() == (1, 1, 0)
    for status in ("pending", "paid"):
        set_payment_status(order.id, "failed", TESTER)
        assert left() == (3, 0, 1000 + order.points_earned)
        set_payment_status(order.id, status, TESTER)
        assert left()[:2] == (1, 1)
    assert left()[2] == 200
    set_order_status(order.id, "cancelled", TESTER)
    assert left() == (3, 0, 1000)


@pytest.mark.parametrize("gone", ["out_of_stock", "coupon_used_up", "insufficient_points"])
def test_what_a_failed_payment_returned_may_be_gone(counted, gone):
    jane, product, coupon, order, left = counted
    set_payment_status(order.id, "failed", TESTER)
    if gone == "out_of_stock":
        factories.place(factories.make_customer(), [(product, 2)])
    elif gone == "coupon_used_up":
        factories.place(factories.make_customer(), [(factories.make_product(), 1)], coupon_code=coupon.code)
    else:
        factories.adjust_points(jane.id, -1, "spent elsewhere", TESTER)
    before = left()
    with pytest.raises(Conflict) as refused:
        set_payment_status(order.id, "paid", TESTER)
    assert refused.value.code == gone
    assert (left(), get_order(order.id).payment_status) == (before, "failed")


def test_points_that_a_refund_gave_back_are_not_taken_again(ctx):
    change_setting("loyalty_refund_returns_points", "in_proportion", TESTER)
    jane = factories.make_customer(points=1000)
    order = factories.place(jane, [(factories.make_product(price_cents=10000), 1)], points=1000).order
    set_payment_status(order.id, "paid", TESTER)
    refund_order(order.id, 2500, "", TESTER)
    set_payment_status(order.id, "failed", TESTER)
    set_payment_status(order.id, "paid", TESTER)
    assert get_order(order.id).points_returned == 250
    set_order_status(order.id, "cancelled", TESTER)
    assert points(jane)[0] == 1000


def test_an_order_that_is_revived_earns_nothing_a_second_time(jane, order):
    EVENTS["cancelled"](order)
    set_order_status(order.id, "processing", TESTER)
    set_payment_status(order.id, "pending", TESTER)
    set_payment_status(order.id, "paid", TESTER)
    set_order_status(order.id, "completed", TESTER)
    assert points(jane) == (1480, 0)


def test_what_is_no_longer_there_is_a_shortfall(ctx):
    joe = factories.make_customer()
    order = factories.make_order(joe, 10000, payment_status="paid")
    factories.adjust_points(joe.id, -60, "spent elsewhere", TESTER)
    EVENTS["cancelled"](order)
    (entry, *_) = newest_entries(joe.id)
    assert (entry.kind, entry.points, entry.balance_after) == ("earn_reversed", -40, 0)
    assert (entry.meta["shortfall"], entry.meta["due"]) == (60, 100)
    assert points(joe) == (0, 60)


def test_taking_back_from_an_empty_account_is_on_record_too(ctx):
    joe = factories.make_customer()
    order = factories.make_order(joe, 10000, payment_status="paid")
    factories.adjust_points(joe.id, -100, "spent elsewhere", TESTER)
    EVENTS["cancelled"](order)
    (entry, *_) = newest_entries(joe.id)
    assert (entry.kind, entry.points, entry.meta["shortfall"]) == ("earn_reversed", 0, 100)


def test_a_later_earning_does_not_make_up_for_a_shortfall(ctx):
    joe = factories.make_customer()
    order = factories.make_order(joe, 10000, payment_status="paid")
    factories.adjust_points(joe.id, -60, "spent elsewhere", TESTER)
    EVENTS["cancelled"](order)
    factories.make_order(joe, 5000, payment_status="paid")
    set_order_status(order.id, "pending", TESTER)
    EVENTS["cancelled"](order)
    assert points(joe)[0] == 50


def test_the_token_of_a_cancelled_order_stays_used(ctx):
    jane = factories.make_customer(points=500)
    token = factories.make_token(jane.id)
    product = factories.make_product(price_cents=5000)
    placed = factories.place(jane, [(product, 1)], points=100, token=token)
    EVENTS["cancelled"](placed.order)
    with pytest.raises(InvalidInput) as refused:
        factories.place(jane, [(product, 1)], points=100, token=token)
    assert refused.value.code == "invalid_redemption_token"


def test_cancelling_returns_stock_and_the_coupons_use_once(ctx):
    jane = factories.make_customer()
    product = factories.make_product(stock=5)
    variant = factories.make_variant(product, stock=7)
    coupon = factories.make_coupon(usage_limit=3)

    def counts():
        db.session.expire_all()
        return product.stock_quantity, variant.stock_quantity, coupon.usage_count

    lines = [CartLine(product.id, 2), CartLine(product.id, 3, variant.id)]
    order = place_order(Checkout(email=jane.email, lines=lines, coupon_code=coupon.code)).order
    assert counts() == (3, 4, 1)
    for status in ("cancelled", "processing", "cancelled"):
        set_order_status(order.id, status, TESTER)
    assert counts() == (5, 7, 0)


@pytest.mark.parametrize(
    ("earned", "refunded", "subtotal", "undone"),
    [(100, 3333, 10000, 33), (100, 6666, 10000, 66), (100, 9999, 10000, 99), (99, 1, 3, 33), (7, 0, 100, 0)],
)
def test_a_part_is_rounded_down_over_all_refunds_together(earned, refunded, subtotal, undone):
    assert points_reversed(earned, refunded, subtotal, LoyaltyRules(), in_full=False) == undone


def test_all_is_undone_in_full_whatever_the_sums():
    assert points_reversed(100, 1, 10000, LoyaltyRules(), in_full=True) == 100
    assert points_reversed(0, 0, 0, LoyaltyRules(), in_full=False) == 0


@pytest.mark.parametrize("amounts", [[3333, 3333, 3333, 1], [1, 9999], [5000, 5000], [10000]])
def test_refunds_in_part_end_on_the_same_number_however_they_are_split(ctx, amounts):
    joe = factories.make_customer()
    order = factories.make_order(joe, 10000, payment_status="paid")
    refunded = 0
    for amount in amounts:
        refund_order(order.id, amount, "", TESTER)
        refunded += amount
        assert points(joe)[0] == 100 - refunded * 100 // 10000
    assert get_order(order.id).payment_status == "refunded"
    assert points(joe) == (0, 0)


def test_redeemed_points_stay_with_a_part_and_come_back_with_the_last(jane, order):
    refund_order(order.id, 7200, "one jar was broken", TESTER)
    assert undoing(jane) == [("earn_reversed", -72)]
    refund_order(order.id, None, "and the other", TESTER)
    assert undoing(jane) == [("earn_reversed", -72), ("redeem_reversed", 1480), ("earn_reversed", -86)]
    assert points(jane) == (1480, 0)


def test_redeemed_points_come_back_in_proportion_where_the_shop_says_so(ctx):
    change_setting("loyalty_refund_returns_points", "in_proportion", TESTER)
    jane = factories.make_customer(points=1000)
    placed = factories.place(jane, [(factories.make_product(price_cents=10000), 1)], points=1000)
    set_payment_status(placed.order.id, "paid", TESTER)
    refund_order(placed.order.id, 2500, "", TESTER)
    assert undoing(jane) == [("redeem_reversed", 250), ("earn_reversed", -25)]
    set_order_status(placed.order.id, "cancelled", TESTER)
    assert points(jane) == (1000, 0)


@pytest.mark.parametrize("amount", [0, -1, 10001])
def test_more_than_is_left_or_nothing_cannot_be_refunded(ctx, amount):
    order = factories.make_order(factories.make_customer(), 10000, payment_status="paid")
    with pytest.raises(InvalidInput, match="what is left to refund"):
        refund_order(order.id, amount, "", TESTER)


def test_only_a_paid_order_is_refunded_in_part_and_a_refunded_one_is_final(ctx):
    order = factories.make_order(factories.make_customer(), 10000)
    with pytest.raises(Conflict) as refused:
        refund_order(order.id, 1, "", TESTER)
    assert refused.value.code == "order_not_paid"
    with pytest.raises(Conflict) as refused:
        set_payment_status(order.id, "refunded", TESTER)
    assert refused.value.code == "order_not_paid"
    set_payment_status(order.id, "paid", TESTER)
    set_payment_status(order.id, "refunded", TESTER)
    with pytest.raises(Conflict) as refused:
        set_payment_status(order.id, "paid", TESTER)
    assert refused.value.code == "order_refunded"


def test_what_a_customer_spent_follows_payments_refunds_and_cancellations(ctx):
    joe = factories.make_customer()

    def totals():
        customer = factories.reload(joe)
        return customer.total_orders, customer.total_spent_cents

    order = factories.make_order(joe, 10000)
    assert totals() == (1, 0)
    set_payment_status(order.id, "paid", TESTER)
    assert totals() == (1, 10000)
    refund_order(order.id, 2500, "", TESTER)
    assert totals() == (1, 7500)
    set_order_status(order.id, "cancelled", TESTER)
    assert totals() == (0, 0)
    set_order_status(order.id, "processing", TESTER)
    assert totals() == (1, 7500)
    set_payment_status(order.id, "refunded", TESTER)
    assert totals() == (1, 0)


@pytest.mark.parametrize("status", ["shipped", "", "PAID", "paid"])
def test_a_word_that_is_no_status_is_refused(ctx, status):
    order = factories.make_order(factories.make_customer())
    with pytest.raises(InvalidInput, match="status must be one of"):
        set_order_status(order.id, status, TESTER)
    with pytest.raises(InvalidInput, match="payment_status must be one of"):
        set_payment_status(order.id, status + "x", TESTER)


def test_an_order_of_another_shop_is_not_found(ctx):
    order = factories.make_order(factories.make_customer())
    factories.make_shop()
    for change in (
        lambda: set_order_status(order.id, "cancelled", TESTER),
        lambda: set_payment_status(order.id, "paid", TESTER),
        lambda: refund_order(order.id, 1, "", TESTER),
        lambda: get_order(order.id),
    ):
        with pytest.raises(NotFound):
            change()
