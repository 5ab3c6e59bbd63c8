"""Partial refunds: however they are split, the points end as after one refund."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shop.db.session import db
from shop.models import LoyaltyEntry
from shop.queries.loyalty.reports import get_standing
from shop.queries.orders.effects import calculate_effects, preview_refund
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.errors import Conflict, InvalidInput
from shop.services.loyalty.ledger import find_balance
from shop.services.loyalty.verification import verify_ledger
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.orders.placement import Checkout, place_order
from shop.services.orders.refunds import refund_order
from shop.services.orders.repository import get_order
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER

PROPERTY = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@st.composite
def cut_orders(draw):
    """Return a subtotal and a delivery in cents, points redeemed, points per unit, and a partition of the total."""
    subtotal = draw(st.integers(100, 2_000_00))
    shipping = draw(st.sampled_from([0, 1, 15000]))
    redeemed = draw(st.integers(0, subtotal // 2))  # 100 points are 1.00, and half may be paid with them
    rate = draw(st.sampled_from(["1", "0.1", "3", "0.0333"]))
    total = subtotal + shipping - redeemed
    cuts = draw(st.lists(st.integers(1, total - 1), max_size=5, unique=True)) if total > 1 else []
    edges = [0, *sorted(cuts), total]
    parts = [after - before for before, after in pairwise(edges)]
    return subtotal, shipping, redeemed, rate, draw(st.permutations(parts))


def make_paid(subtotal, shipping, redeemed, rate, *, spent=0):
    """Create a customer's order, paid with points and money; ``spent`` of the earned points are used already."""
    change_setting("loyalty_points_per_currency_unit", rate, TESTER)
    customer = factories.make_customer(points=redeemed)
    method = factories.make_shipping(cost_cents=shipping)
    product = factories.make_product(price_cents=subtotal)
    requested = {"points": redeemed} if redeemed else {}
    order = factories.place(customer, [(product, 1)], shipping_method_id=method.id, **requested).order
    set_payment_status(order.id, "paid", TESTER)
    if spent:
        factories.adjust_points(customer.id, -spent, "spent elsewhere", TESTER)
    return customer, order


def moved(order, reason):
    """Return the entries of undoing an order, oldest first."""
    found = db.session.query(LoyaltyEntry).filter_by(order_id=order.id, kind=reason).order_by(LoyaltyEntry.id)
    return found.populate_existing().all()


def taken(order):
    """Return the reversed points including the shortfall."""
    return sum(entry.meta["due"] for entry in moved(order, "earn_reversed") if entry.event != "shortfall_settled")


@pytest.mark.parametrize("returns", ["at_end", "in_proportion"])
@PROPERTY
@given(cut=cut_orders())
def test_any_split_in_any_order_ends_on_the_same_sums_as_one_refund(ctx, returns, cut):
    subtotal, shipping, redeemed, rate, parts = cut
    change_setting("loyalty_refund_returns_points", returns, TESTER)
    customer, order = make_paid(subtotal, shipping, redeemed, rate)
    earned = get_order(order.id).points_earned
    assert find_balance(customer.id) == earned
    refunded = 0
    for part in parts:
        preview = preview_refund(get_order(order.id), part)
        refund_order(order.id, part, "a part", TESTER)
        refunded += part
        in_full = refunded == order.total_cents
        assert taken(order) == (earned if in_full else min(earned, earned * refunded // subtotal))
        given_back = sum(entry.points for entry in moved(order, "redeem_reversed"))
        if returns == "in_proportion" or in_full:
            assert given_back == (redeemed if in_full else min(redeemed, redeemed * refunded // subtotal))
        else:
            assert given_back == 0
        assert find_balance(customer.id) == preview.effect.balance_after >= 0
    assert get_order(order.id).payment_status == "refunded"
    assert (find_balance(customer.id), get_standing(customer.id).lifetime_earned) == (redeemed, 0)
    for entry in (*moved(order, "earn_reversed"), *moved(order, "redeem_reversed")):
        assert entry.balance_after >= 0


@PROPERTY
@given(cut=cut_orders(), data=st.data())
def test_points_that_are_gone_are_a_shortfall_and_never_less_than_nothing(ctx, cut, data):
    subtotal, shipping, redeemed, rate, parts = cut
    customer, order = make_paid(subtotal, shipping, redeemed, rate)
    earned = get_order(order.id).points_earned
    spent = data.draw(st.integers(0, earned))
    if spent:
        factories.adjust_points(customer.id, -spent, "spent elsewhere", TESTER)
    for part in parts:
        before = find_balance(customer.id)
        effect = preview_refund(get_order(order.id), part).effect
        refund_order(order.id, part, "", TESTER)
        assert find_balance(customer.id) == effect.balance_after == before + effect.change >= 0
        if effect.due:
            last = moved(order, "earn_reversed")[-1]
            assert (last.points, last.shortfall) == (-effect.taken_back, effect.shortfall)
    missing = sum(entry.shortfall for entry in moved(order, "earn_reversed"))
    assert taken(order) == earned
    assert find_balance(customer.id) == redeemed - spent + missing


@pytest.mark.parametrize("returns", ["at_end", "in_proportion"])
@PROPERTY
@given(cut=cut_orders(), stop=st.integers(1, 5))
def test_cancelling_after_parts_moves_what_is_left_once(ctx, returns, cut, stop):
    subtotal, shipping, redeemed, rate, parts = cut
    change_setting("loyalty_refund_returns_points", returns, TESTER)
    customer, order = make_paid(subtotal, shipping, redeemed, rate)
    for part in parts[:stop]:
        refund_order(order.id, part, "", TESTER)
    preview = calculate_effects(get_order(order.id)).cancel
    for status in ("cancelled", "processing", "cancelled"):
        set_order_status(order.id, status, TESTER)
    assert find_balance(customer.id) == preview.balance_after == redeemed
    assert taken(order) == get_order(order.id).points_earned
    for part in parts[stop:]:
        refund_order(order.id, part, "", TESTER)
    assert find_balance(customer.id) == redeemed


def test_a_refund_before_the_points_came_is_reckoned_with_when_they_come(ctx):
    change_setting("loyalty_award_trigger", "order_completed", TESTER)
    joe = factories.make_customer()
    order = factories.make_order(joe, 10000, payment_status="paid")
    refund_order(order.id, 2500, "one of four", TESTER)
    effect = calculate_effects(get_order(order.id)).complete
    assert (effect.earned, effect.due, effect.change) == (100, 25, 75)
    set_order_status(order.id, "completed", TESTER)
    assert (find_balance(joe.id), get_standing(joe.id).lifetime_earned) == (75, 75)
    refund_order(order.id, None, "the others", TESTER)
    assert find_balance(joe.id) == 0


def test_an_order_refunded_before_it_was_completed_keeps_no_points(ctx):
    change_setting("loyalty_award_trigger", "order_completed", TESTER)
    joe = factories.make_customer()
    order = factories.make_order(joe, 10000, payment_status="paid")
    refund_order(order.id, None, "all of it", TESTER)
    set_order_status(order.id, "completed", TESTER)
    assert (find_balance(joe.id), get_standing(joe.id).lifetime_earned) == (0, 0)


def test_what_is_refunded_beyond_the_goods_takes_no_more_than_was_earned(ctx):
    joe = factories.make_customer()
    order = factories.make_order(joe, 10000, shipping_cents=20000, payment_status="paid")
    refund_order(order.id, 15000, "", TESTER)
    assert taken(order) == 100
    refund_order(order.id, None, "", TESTER)
    assert taken(order) == 100


def test_an_order_paid_with_points_alone_is_refunded_without_money(ctx):
    change_setting("loyalty_max_redeem_percent", 100, TESTER)
    jane = factories.make_customer(points=1000)
    order = factories.place(jane, [(factories.make_product(price_cents=1000), 1)], points=1000).order
    set_payment_status(order.id, "paid", TESTER)
    refunded = refund_order(order.id, None, "came back", TESTER)
    assert (refunded.payment_status, refunded.refunds, find_balance(jane.id)) == ("refunded", [], 1000)


def test_the_same_request_again_is_the_same_refund(ctx):
    joe = factories.make_customer()
    order = factories.make_order(joe, 10000, payment_status="paid")
    for _ in range(3):
        done = refund_order(order.id, 2500, "one of four", TESTER, request_key="k1")
    assert (done.refunded_cents, len(done.refunds), find_balance(joe.id)) == (2500, 1, 75)
    assert refund_order(order.id, 2500, "another of four", TESTER, request_key="k2").refunded_cents == 5000
    refund_order(order.id, None, "the rest", TESTER, request_key="k3")
    assert refund_order(order.id, None, "the rest", TESTER, request_key="k3").payment_status == "refunded"
    with pytest.raises(Conflict):
        refund_order(order.id, None, "the rest", TESTER, request_key="k4")


def test_a_key_belongs_to_one_order(ctx):
    joe = factories.make_customer()
    orders = [factories.make_order(joe, 10000, payment_status="paid") for _ in range(2)]
    for order in orders:
        assert refund_order(order.id, 100, "", TESTER, request_key="k").refunded_cents == 100


@pytest.mark.parametrize("amount", [0, 10001])
def test_an_invalid_refund_cannot_be_previewed(ctx, amount):
    order = factories.make_order(factories.make_customer(), 10000, payment_status="paid")
    with pytest.raises(InvalidInput, match="what is left to refund"):
        preview_refund(order, amount)


def test_the_part_of_an_order_with_coupon_and_points_is_worked_out_from_its_goods(ctx):
    jane = factories.make_customer(points=4200)
    factories.make_coupon("KARIBU50", "fixed", 5000)
    lines = [CartLine(factories.make_product(price_cents=98075).id, 1)]
    token = factories.make_token(jane.id)
    requested = factories.RedemptionRequest(token, 4200)
    order = place_order(Checkout(email=jane.email, lines=lines, coupon_code="KARIBU50", redemption=requested)).order
    set_payment_status(order.id, "paid", TESTER)
    part = preview_refund(get_order(order.id), 24500)
    assert (part.points, part.refunded_cents, part.subtotal_cents, part.stands_for) == (980, 24500, 98075, 244)
    assert (part.effect.change, part.effect.balance_after) == (-244, 980 - 244)
    whole = calculate_effects(get_order(order.id)).refund
    assert (whole.given_back, whole.taken_back, whole.change) == (4200, 980, 3220)


def test_the_ledger_agrees_after_all_of_this(private_app):
    with private_app.app_context():
        factories.make_shop()
        customer, order = make_paid(9999, 100, 1234, "0.7")
        for amount in (1, 3333, 500):
            refund_order(order.id, amount, "", TESTER)
        factories.adjust_points(customer.id, -20, "spent", TESTER)
        set_order_status(order.id, "cancelled", TESTER)
        assert verify_ledger().is_clean
