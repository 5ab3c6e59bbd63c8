"""Every row of the tables in the rules of points."""

from decimal import Decimal

import pytest

from shop.domain.loyalty.points import (
    LoyaltyRules,
    RedemptionRefused,
    cents_for_one_point,
    discount_for_points,
    discount_of_redemption,
    points_earned,
    points_reversed,
    redeemable,
    redemption_cap,
)
from shop.domain.loyalty.rounding import Rounding
from shop.domain.money import parse_money


@pytest.mark.parametrize(
    ("subtotal", "per_unit", "minimum", "earned"),
    [
        ("2400.00", "1", "0", 2400),
        ("999.99", "1", "0", 999),
        ("999.99", "0.1", "0", 99),
        ("0.29", "100", "0", 29),
        ("499.99", "1", "500", 0),
        ("500.00", "1", "500", 500),
        ("0.00", "1", "0", 0),
    ],
)
def test_an_order_earns(subtotal, per_unit, minimum, earned):
    rules = LoyaltyRules(
        points_per_currency_unit=Decimal(per_unit), min_order_subtotal_to_earn_cents=parse_money(minimum)
    )
    assert points_earned(parse_money(subtotal), rules) == earned


@pytest.mark.parametrize(
    ("subtotal", "coupon", "balance", "per_unit_off", "percent", "cap", "most", "discount"),
    [
        ("158.00", "0", 1480, "100", "50", "79.00", 1480, "14.80"),
        ("16.00", "0", 1480, "100", "50", "8.00", 800, "8.00"),
        ("100.00", "70.00", 99999, "100", "50", "30.00", 3000, "30.00"),
        ("10.01", "0", 99999, "3", "50", "5.00", 15, "5.00"),
        ("1.00", "0", 5, "3", "100", "1.00", 3, "1.00"),
        ("1.00", "0", 1, "3", "100", "1.00", 1, "0.33"),
    ],
)
def test_a_cart_redeems(subtotal, coupon, balance, per_unit_off, percent, cap, most, discount):
    rules = LoyaltyRules(
        enabled=True, points_per_currency_discount=Decimal(per_unit_off), max_redeem_percent=Decimal(percent)
    )
    cents, coupon_cents = parse_money(subtotal), parse_money(coupon)
    assert redemption_cap(cents, coupon_cents, rules) == parse_money(cap)
    found = redeemable(cents, coupon_cents, balance, rules)
    assert (found.max_points, found.max_discount_cents, found.reason) == (most, parse_money(discount), None)
    assert discount_of_redemption(most, cents, coupon_cents, balance, rules) == parse_money(discount)


ON = LoyaltyRules(enabled=True)


@pytest.mark.parametrize(
    ("rules", "subtotal", "coupon", "balance", "registered", "reason"),
    [
        (LoyaltyRules(enabled=False), 10000, 0, 500, True, "loyalty_disabled"),
        (ON, 10000, 0, 0, True, "unknown_customer"),
        (LoyaltyRules(enabled=True, min_checkout_total_cents=10001), 10000, 0, 500, True, "below_minimum_total"),
        (LoyaltyRules(enabled=True, min_points_to_redeem=501), 10000, 0, 500, True, "below_minimum_points"),
        (ON, 10000, 10000, 500, True, "nothing_to_discount"),
        (LoyaltyRules(enabled=True, max_redeem_percent=Decimal(0)), 10000, 0, 500, True, "nothing_to_discount"),
        (LoyaltyRules(enabled=True, points_per_currency_discount=Decimal(500)), 1, 0, 4, True, "nothing_to_discount"),
        (LoyaltyRules(enabled=True, optin_required=True), 10000, 0, 500, False, "not_registered"),
    ],
)
def test_nothing_can_be_redeemed_and_the_reason_says_why(rules, subtotal, coupon, balance, registered, reason):
    found = redeemable(subtotal, coupon, balance, rules, registered=registered)
    assert (found.max_points, found.max_discount_cents, found.reason) == (0, 0, reason)
    assert not found.eligible


@pytest.mark.parametrize(
    ("rules", "subtotal", "coupon", "balance", "most"),
    [
        (LoyaltyRules(enabled=True, min_checkout_total_cents=10000), 10000, 0, 500, 500),
        (LoyaltyRules(enabled=True, min_points_to_redeem=500), 10000, 0, 500, 500),
        (ON, 2, 0, 500, 1),
        (ON, 100, 99, 500, 1),
        (ON, 10000, 0, 1, 1),
    ],
)
def test_exactly_at_a_limit_points_can_be_redeemed(rules, subtotal, coupon, balance, most):
    found = redeemable(subtotal, coupon, balance, rules)
    assert (found.max_points, found.reason) == (most, None)
    assert discount_of_redemption(most, subtotal, coupon, balance, rules) == found.max_discount_cents


@pytest.mark.parametrize(
    ("points", "refunded", "subtotal", "in_full", "reversed_points"),
    [
        (100, 0, 1000, False, 0),
        (100, 1000, 1000, False, 100),
        (100, 333, 1000, False, 33),
        (100, 2000, 1000, False, 100),
        (100, 1, 1000, True, 100),
        (100, 0, 0, False, 0),
        (100, 0, 0, True, 100),
    ],
)
def test_refunds_reverse_points_in_proportion(points, refunded, subtotal, in_full, reversed_points):
    assert points_reversed(points, refunded, subtotal, LoyaltyRules(), in_full=in_full) == reversed_points


@pytest.mark.parametrize(
    ("per_unit", "cents"), [("1", 100), ("100", 1), ("10000", 1), ("0.05", 2000), ("0.3", 334), ("0", None)]
)
def test_one_point_needs(per_unit, cents):
    rules = LoyaltyRules(points_per_currency_unit=Decimal(per_unit), min_order_subtotal_to_earn_cents=0)
    assert cents_for_one_point(rules) == cents
    if cents is not None:
        assert (points_earned(cents, rules) >= 1, points_earned(cents - 1, rules)) == (True, 0)


def test_an_opted_in_customer_can_redeem_where_opting_in_is_required():
    assert redeemable(10000, 0, 500, LoyaltyRules(enabled=True, optin_required=True), registered=True).eligible


@pytest.mark.parametrize(
    ("rules", "points", "subtotal", "coupon", "balance", "reason"),
    [
        (LoyaltyRules(enabled=False), 10, 10000, 0, 500, "loyalty_disabled"),
        (LoyaltyRules(enabled=True, min_points_to_redeem=20), 19, 10000, 0, 500, "below_minimum_points"),
        (ON, 0, 10000, 0, 500, "below_minimum_points"),
        (ON, -5, 10000, 0, 500, "below_minimum_points"),
        (ON, 501, 10000, 0, 500, "insufficient_points"),
        (ON, 1, 10000, 0, 0, "insufficient_points"),
        (ON, 501, 1000, 0, 9999, "too_many_points"),
        (LoyaltyRules(enabled=True, min_checkout_total_cents=10001), 10, 10000, 0, 500, "below_minimum_total"),
        (ON, 10, 10000, 10000, 500, "nothing_to_discount"),
        (
            LoyaltyRules(enabled=True, points_per_currency_discount=Decimal(300)),
            2,
            10000,
            0,
            500,
            "nothing_to_discount",
        ),
    ],
)
def test_a_redemption_is_refused_with_the_rules_own_code(rules, points, subtotal, coupon, balance, reason):
    with pytest.raises(RedemptionRefused) as refused:
        discount_of_redemption(points, subtotal, coupon, balance, rules)
    assert refused.value.reason == reason
    assert refused.value.message.endswith(".")


def test_the_least_and_the_most_points_are_both_accepted():
    rules = LoyaltyRules(enabled=True, min_points_to_redeem=100)
    assert discount_of_redemption(100, 10000, 0, 5000, rules) == 100
    assert discount_of_redemption(5000, 10000, 0, 5000, rules) == 5000


def test_a_part_of_the_smallest_coin_is_not_given():
    assert discount_for_points(2, LoyaltyRules(points_per_currency_discount=Decimal(3))) == 66


def test_a_shop_without_settings_has_no_programme_and_the_documented_rates():
    rules = LoyaltyRules()
    assert not any((rules.enabled, rules.optin_required, rules.optin_id_required))
    assert (rules.points_per_currency_unit, rules.points_per_currency_discount, rules.max_redeem_percent) == (
        1,
        100,
        50,
    )
    assert (rules.min_order_subtotal_to_earn_cents, rules.min_checkout_total_cents, rules.min_points_to_redeem) == (
        0,
        0,
        1,
    )
    assert (rules.otp_ttl_minutes, rules.redemption_token_ttl_minutes) == (10, 30)


def test_rules_survive_being_kept_with_an_order():
    rules = LoyaltyRules(
        enabled=True,
        award_trigger="either",
        points_per_currency_unit=Decimal("0.1"),
        max_redeem_percent=Decimal("33.3"),
    )
    assert LoyaltyRules.from_json(rules.to_json()) == rules
    assert "rounding" in rules.to_json()
    assert LoyaltyRules.from_json({}).rounding == Rounding.DOWN
    assert LoyaltyRules.from_json({"of_a_later_version": 1}) == LoyaltyRules()
