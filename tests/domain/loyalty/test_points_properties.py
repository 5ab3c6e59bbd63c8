"""Properties of all calculations of points, tested by Hypothesis against independent calculations."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shop.domain.loyalty.points import (
    LoyaltyRules,
    RedemptionRefused,
    discount_for_points,
    discount_of_redemption,
    points_earned,
    points_for_money,
    points_reversed,
    redeemable,
    redemption_cap,
)
from shop.domain.money import MAX_CENTS


def decimals(low: str, high: str) -> st.SearchStrategy[Decimal]:
    """Rates that the settings allow: at most four decimals."""
    return st.decimals(Decimal(low), Decimal(high), allow_nan=False, allow_infinity=False, places=4)


cents = st.one_of(st.integers(0, 100_000), st.integers(0, MAX_CENTS))
balances = st.one_of(st.integers(0, 10_000), st.integers(0, 10**15))
programmes = st.builds(
    LoyaltyRules,
    enabled=st.just(True),
    points_per_currency_unit=decimals("0", "10000"),
    min_order_subtotal_to_earn_cents=st.integers(0, 50_000),
    points_per_currency_discount=st.one_of(decimals("0.0001", "1000000"), st.integers(1, 1000).map(Decimal)),
    max_redeem_percent=st.one_of(decimals("0", "100"), st.integers(0, 100).map(Decimal)),
    min_points_to_redeem=st.one_of(st.just(1), st.integers(1, 2000)),
    min_checkout_total_cents=st.one_of(st.just(0), st.integers(0, 50_000)),
)


@st.composite
def carts(draw: st.DrawFn) -> tuple[int, int]:
    """A subtotal, and a coupon's discount up to it."""
    subtotal = draw(cents)
    return subtotal, draw(st.one_of(st.just(0), st.integers(0, subtotal)))


@given(cents, programmes)
def test_earning_is_the_exact_sum_rounded_down(subtotal, rules):
    exact = Fraction(subtotal) / 100 * Fraction(str(rules.points_per_currency_unit))
    earned = points_earned(subtotal, rules)
    assert type(earned) is int
    if subtotal < rules.min_order_subtotal_to_earn_cents:
        assert earned == 0
    else:
        assert 0 <= exact - earned < 1


@given(cents, st.integers(0, 100_000), programmes)
def test_a_larger_order_never_earns_less(subtotal, more, rules):
    assert points_earned(subtotal, rules) <= points_earned(subtotal + more, rules)


@given(carts(), programmes)
def test_the_cap_is_the_smaller_of_the_percentage_and_what_the_coupon_left(cart, rules):
    subtotal, coupon = cart
    cap = redemption_cap(subtotal, coupon, rules)
    by_percent = Fraction(subtotal) * Fraction(str(rules.max_redeem_percent)) / 100
    smaller = min(by_percent, Fraction(subtotal - coupon))
    assert type(cap) is int
    assert 0 <= smaller - cap < 1


@given(carts(), balances, programmes)
def test_never_more_than_balance_cap_and_total_and_never_below_zero(cart, balance, rules):
    subtotal, coupon = cart
    found = redeemable(subtotal, coupon, balance, rules)
    assert 0 <= found.max_points <= balance
    assert 0 <= found.max_discount_cents <= redemption_cap(subtotal, coupon, rules)
    assert coupon + found.max_discount_cents <= subtotal
    assert (found.reason is None) == (found.max_points > 0)
    assert {type(found.max_points), type(found.max_discount_cents)} == {int}


@given(carts(), balances, programmes)
def test_the_most_points_are_exactly_what_the_rules_say(cart, balance, rules):
    subtotal, coupon = cart
    found = redeemable(subtotal, coupon, balance, rules)
    assume(found.eligible)
    cap = Fraction(redemption_cap(subtotal, coupon, rules), 100)
    rate = Fraction(str(rules.points_per_currency_discount))
    worth_of_cap = cap * rate
    assert found.max_points == min(balance, worth_of_cap.numerator // worth_of_cap.denominator)
    worth = Fraction(found.max_points) / rate * 100
    assert found.max_discount_cents == worth.numerator // worth.denominator


@given(carts(), balances, programmes, st.data())
def test_what_is_accepted_and_what_is_refused_meet_without_a_gap(cart, balance, rules, data):
    subtotal, coupon = cart
    found = redeemable(subtotal, coupon, balance, rules)
    points = data.draw(st.integers(-5, found.max_points + 5))
    try:
        discount = discount_of_redemption(points, subtotal, coupon, balance, rules)
    except RedemptionRefused:
        allowed = rules.min_points_to_redeem <= points <= found.max_points
        assert not allowed or discount_for_points(points, rules) < 1
    else:
        assert found.eligible
        assert rules.min_points_to_redeem <= points <= found.max_points
        assert 1 <= discount <= found.max_discount_cents
        assert discount == discount_for_points(points, rules)


@given(st.integers(0, 10**9), st.integers(0, 10**6), programmes)
def test_more_points_are_never_worth_less(points, more, rules):
    assert discount_for_points(points, rules) <= discount_for_points(points + more, rules)


@given(carts(), balances, st.integers(0, 10**6), programmes)
def test_more_points_in_the_account_never_mean_less_to_redeem(cart, balance, more, rules):
    poorer, richer = (redeemable(*cart, amount, rules) for amount in (balance, balance + more))
    assert poorer.max_points <= richer.max_points
    assert poorer.max_discount_cents <= richer.max_discount_cents


@given(st.integers(0, 10**9), programmes)
def test_changing_money_to_points_and_back_never_makes_money(amount, rules):
    assert discount_for_points(points_for_money(amount, rules), rules) <= amount


@given(carts(), balances, programmes)
def test_switched_off_gives_nothing(cart, balance, rules):
    off = replace(rules, enabled=False)
    assert redeemable(*cart, balance, off).reason == "loyalty_disabled"
    with pytest.raises(RedemptionRefused):
        discount_of_redemption(1, *cart, balance, off)


@given(programmes)
def test_rules_survive_being_kept_with_an_order(rules):
    assert LoyaltyRules.from_json(rules.to_json()) == rules


@given(st.integers(0, 10**9), cents, st.data())
def test_refunds_undo_the_exact_share_and_more_of_them_never_less(points, subtotal, data):
    refunded = data.draw(st.integers(0, subtotal))
    more = data.draw(st.integers(refunded, subtotal))
    undone = points_reversed(points, refunded, subtotal, LoyaltyRules(), in_full=False)
    share = Fraction(points * refunded, subtotal) if subtotal else Fraction(0)
    assert 0 <= share - undone < 1
    assert undone <= points_reversed(points, more, subtotal, LoyaltyRules(), in_full=False) <= points
    assert points_reversed(points, refunded, subtotal, LoyaltyRules(), in_full=True) == points
