"""Orders use a coupon as often as it allows, in all and by customer, however many are placed at once."""

from dataclasses import replace

import pytest

from shop.db.session import db
from shop.models import Order
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.coupons.records import get_coupon
from shop.services.errors import Conflict, InvalidInput
from shop.services.loyalty.redemption import RedemptionRequest, preview_redemption
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.orders.placement import Checkout, place_order
from shop.services.orders.pricing.quote import QuoteRequest, quote_order
from tests import factories
from tests.factories import TESTER
from tests.support.threads import all_at_once


@pytest.fixture
def milk(ctx):
    return factories.make_product(price_cents=10000)


@pytest.fixture
def cart(milk):
    return Checkout("jane@example.com", [CartLine(milk.id, 1)], coupon_code="ONCE")


def refused(checkout):
    with pytest.raises(InvalidInput) as error:
        place_order(checkout)
    return error.value.code


def test_a_customer_uses_it_once_until_the_order_is_cancelled(cart):
    coupon = factories.make_coupon("ONCE", per_customer_limit=1)
    order = place_order(cart).order
    assert refused(cart) == "coupon_used_by_customer"
    assert get_coupon(coupon.id).usage_count == 1
    place_order(replace(cart, email="peter@example.com"))
    set_order_status(order.id, "cancelled", TESTER)
    place_order(cart)


def test_a_guest_with_the_same_phone_is_the_same_person(cart):
    factories.make_coupon("ONCE", per_customer_limit=1)
    place_order(replace(cart, phone="0712345678"))
    assert refused(replace(cart, email="other@example.com", phone="+254712345678")) == "coupon_used_by_customer"
    place_order(replace(cart, email="third@example.com", phone="0712345679"))


def test_a_failed_payment_takes_the_use_again_only_if_one_is_left(cart):
    factories.make_coupon("ONCE", per_customer_limit=1)
    order = place_order(cart).order
    set_payment_status(order.id, "failed", TESTER)
    place_order(cart)
    with pytest.raises(Conflict) as error:
        set_payment_status(order.id, "paid", TESTER)
    assert error.value.code == "coupon_used_by_customer"


def test_ten_orders_of_one_customer_at_once_use_it_once(app, ctx, cart):
    coupon = factories.make_coupon("ONCE", per_customer_limit=1).id
    place_order(replace(cart, coupon_code=None))
    db.session.rollback()
    results = all_at_once(app, ctx.id, [lambda: place_order(cart)] * 10)
    errors = [result for result in results if isinstance(result, Exception)]
    assert [error.code for error in errors] == ["coupon_used_by_customer"] * 9
    assert get_coupon(coupon).usage_count == 1


def test_free_delivery_is_taken_off_the_delivery(cart):
    factories.make_coupon("ONCE", "free_shipping", 0, max_discount_cents=15000)
    method = factories.make_shipping(cost_cents=20000)
    quote = quote_order(cart.lines, QuoteRequest(coupon_code="ONCE", country="KE", shipping_method_id=method.id))
    order = place_order(replace(cart, shipping_method_id=method.id)).order
    assert (order.shipping_cents, order.shipping_discount_cents, order.discount_cents) == (5000, 15000, 0)
    assert order.total_cents == quote.total_cents == 15000
    assert db.session.get(Order, order.id).shipping_discount_cents == 15000


def test_a_coupon_that_does_not_combine_with_points_keeps_them(cart, milk):
    factories.make_coupon("ONCE", combines_with_points=False)
    jane = factories.make_customer(points=5000)
    token = factories.make_token(jane.id)
    preview = preview_redemption(cart.lines, email=jane.email, phone=None, coupon_code="ONCE")
    assert (preview.possible.max_points, preview.possible.reason) == (0, "nothing_to_discount")
    quote = quote_order(cart.lines, QuoteRequest(email=jane.email, coupon_code="ONCE", redemption_token=token))
    assert (quote.points, quote.coupon_cents) == (0, 1000)
    redemption = RedemptionRequest(token, 500)
    assert refused(replace(cart, email=jane.email, redemption=redemption)) == "coupon_excludes_points"


def test_a_discount_by_staff_excludes_a_coupon_that_does_not_combine(cart):
    factories.make_coupon("ALONE", combines_with_discounts=False)
    factories.make_coupon("ALL", value=10000)
    alone = quote_order(cart.lines, QuoteRequest(coupon_code="ALONE", discount_cents=500))
    assert (alone.coupon, alone.coupon_wrong) == (None, "cannot be used together with another discount")
    both = quote_order(cart.lines, QuoteRequest(coupon_code="ALL", discount_cents=500))
    assert (both.coupon_cents, both.total_cents) == (9500, 0)
