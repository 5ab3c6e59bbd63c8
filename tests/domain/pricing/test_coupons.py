"""Whether a coupon is valid for a cart, and its discount."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.domain.pricing.coupons import (
    CouponLine,
    CouponRefused,
    CouponState,
    CouponTerms,
    apply_coupon_terms,
    state_of,
)

NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)
PLAIN = CouponTerms(1, "OFF", "percentage", 1000, None, 0, 0, None, None, "active")
CART = [CouponLine(1, 10000), CouponLine(2, 5001), CouponLine(3, 2000, is_reduced=True)]


def apply(lines=CART, unit=1, **terms):
    return apply_coupon_terms(PLAIN._replace(**terms), lines, NOW, unit)


@pytest.mark.parametrize(
    ("terms", "discount"),
    [
        ({}, 1700),
        ({"type": "fixed", "value": 500}, 500),
        ({"type": "fixed", "value": 99999}, 17001),
        ({"type": "free_shipping", "value": 0}, 0),
        ({"max_discount_cents": 600}, 600),
        ({"product_ids": [2]}, 500),
        ({"product_ids": [2], "type": "fixed", "value": 9000}, 5001),
        ({"product_ids": []}, 1700),
        ({"combines_with_discounts": False}, 1500),
        ({"min_purchase_cents": 17001}, 1700),
        ({"start_date": NOW}, 1700),
    ],
)
def test_what_it_takes_off(terms, discount):
    assert apply(**terms).discount_cents == discount


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"status": "inactive"}, "coupon_unknown"),
        ({"start_date": NOW + timedelta(seconds=1)}, "coupon_unknown"),
        ({"end_date": NOW}, "coupon_expired"),
        ({"usage_limit": 3, "usage_count": 3}, "coupon_used_up"),
        ({"min_purchase_cents": 17002}, "coupon_below_minimum"),
        ({"product_ids": [2], "min_purchase_cents": 6000}, "coupon_below_minimum"),
        ({"product_ids": [9]}, "coupon_not_applicable"),
        ({"product_ids": [3], "combines_with_discounts": False}, "coupon_not_applicable"),
    ],
)
def test_why_it_is_not_valid(terms, code):
    with pytest.raises(CouponRefused) as refused:
        apply(**terms)
    assert refused.value.code == code


def test_a_gift_beside_other_goods_does_not_make_it_applicable():
    assert apply([CouponLine(1, 0)], product_ids=[9]).discount_cents == 0
    with pytest.raises(CouponRefused):
        apply([CouponLine(1, 0), CouponLine(2, 500)], product_ids=[9])


def test_a_code_that_no_coupon_has():
    with pytest.raises(CouponRefused) as refused:
        apply_coupon_terms(None, CART, NOW, 1)
    assert refused.value.code == "coupon_unknown"


def test_what_it_takes_off_a_delivery():
    assert apply().shipping_discount(20000) == 0
    assert apply(type="free_shipping").shipping_discount(20000) == 20000
    assert apply(type="free_shipping", max_discount_cents=15000).shipping_discount(20000) == 15000


def test_what_points_cannot_pay_for():
    assert apply().excluded_from_points(17001) == 1700
    assert apply(combines_with_points=False).excluded_from_points(17001) == 17001


@pytest.mark.parametrize(
    ("terms", "state"),
    [
        ({}, CouponState.ACTIVE),
        ({"start_date": NOW}, CouponState.ACTIVE),
        ({"start_date": NOW + timedelta(1)}, CouponState.SCHEDULED),
        ({"end_date": NOW}, CouponState.ENDED),
        ({"status": "inactive"}, CouponState.ENDED),
        ({"usage_limit": 1, "usage_count": 1}, CouponState.USED_UP),
        ({"usage_limit": 1, "usage_count": 1, "end_date": NOW}, CouponState.ENDED),
    ],
)
def test_what_has_become_of_it(terms, state):
    assert state_of(PLAIN._replace(**terms), NOW) == state


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 10**9), st.booleans()), min_size=1, max_size=9),
    st.sampled_from(["percentage", "fixed"]),
    st.integers(0, 10_000),
    st.sampled_from([None, 1, 5000]),
    st.sampled_from([None, [1, 2]]),
    st.sampled_from([1, 100]),
)
def test_the_discount_is_whole_units_of_the_goods_it_is_for(lines, type, value, most, products, unit):
    terms = {"type": type, "value": value, "max_discount_cents": most, "product_ids": products}
    try:
        applied = apply([CouponLine(*line) for line in lines], unit, **terms)
    except CouponRefused:
        return
    assert 0 <= applied.discount_cents <= sum(applied.line_cents)
    assert applied.discount_cents % unit == 0
    assert most is None or applied.discount_cents <= most


def test_a_coupon_is_for_some_products_or_those_of_its_categories():
    cart = [CouponLine(1, 10000), CouponLine(2, 5000, is_in_category=True), CouponLine(3, 2000)]
    assert apply(cart, 1, category_ids=[7]).line_cents == (0, 5000, 0)
    assert apply(cart, 1, category_ids=[7], product_ids=[3]).line_cents == (0, 5000, 2000)
    with pytest.raises(CouponRefused):
        apply(cart[:1], 1, category_ids=[7])
