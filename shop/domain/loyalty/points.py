"""The arithmetic of points (``docs/contract/points.md``), rounded by the programme's rounding rule.

Money is minor units of the currency ("cents"), points are whole, rates are ``Decimal`` points for an amount of 1.00.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, Literal, Self

from shop.domain.loyalty.rounding import Rounding, at_most
from shop.domain.money import whole_units
from shop.domain.text.messages import N_, Translatable

AwardTrigger = Literal["payment_paid", "order_completed", "either"]
RefundReturns = Literal["at_end", "in_proportion"]
Reason = Literal[
    "loyalty_disabled",
    "unknown_customer",
    "below_minimum_total",
    "below_minimum_points",
    "nothing_to_discount",
    "not_registered",
    "redemption_held",
]


@dataclass(frozen=True, slots=True)
class LoyaltyRules:
    """A shop's programme: the typed ``loyalty_*`` settings (``docs/contract/api.md``, section 3)."""

    enabled: bool = False
    award_trigger: AwardTrigger = "payment_paid"
    points_per_currency_unit: Decimal = Decimal(1)
    min_order_subtotal_to_earn_cents: int = 0
    points_per_currency_discount: Decimal = Decimal(100)
    max_redeem_percent: Decimal = Decimal(50)
    min_points_to_redeem: int = 1
    min_checkout_total_cents: int = 0
    otp_ttl_minutes: int = 10
    redemption_token_ttl_minutes: int = 30
    refund_returns_points: RefundReturns = "at_end"
    optin_required: bool = False
    optin_id_required: bool = False
    rounding: Rounding = Rounding.DOWN
    unit_cents: int = 1
    """The smallest amount of the currency; discounts are multiples of it."""
    major_unit_cents: int = 100
    """An amount of 1.00 in minor units, to which the rates apply."""

    def to_json(self) -> dict[str, Any]:
        """Return the rules as JSON values with decimals as text, so that an order stores them exactly."""
        values = zip(_NAMES, _values_of(self), strict=True)
        return {name: str(value) if isinstance(value, Decimal) else value for name, value in values}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Return the rules written by :meth:`to_json`. Missing values take their defaults; rounding is then down."""
        decimals = {"points_per_currency_unit", "points_per_currency_discount", "max_redeem_percent"}
        known = kept.keys() & set(_NAMES)
        values: dict[str, Any] = {name: Decimal(kept[name]) if name in decimals else kept[name] for name in known}
        return cls(**values | {"rounding": Rounding(kept.get("rounding", Rounding.DOWN))})


_NAMES: Final = tuple(field.name for field in fields(LoyaltyRules))
_values_of: Final = attrgetter(*_NAMES)


@dataclass(frozen=True, slots=True)
class Redeemable:
    """The points redeemable on a cart, their worth in money, and the reason if there are none."""

    max_points: int
    max_discount_cents: int
    reason: Reason | None

    @property
    def eligible(self) -> bool:
        """Whether anything can be redeemed."""
        return self.reason is None


class RedemptionRefused(Exception):
    """The rules do not allow this number of points for the cart; ``reason`` is a stable code."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


def points_earned(subtotal_cents: int, rules: LoyaltyRules) -> int:
    """Return ``S × points_per_currency_unit``, 0 below the minimum (``docs/contract/points.md``, Earning).

    ``subtotal_cents`` is the merchandise before any discount, without shipping and tax. The caller decides whether the
    order may earn.
    """
    if subtotal_cents < rules.min_order_subtotal_to_earn_cents:
        return 0
    return rules.rounding.whole(
        Fraction(subtotal_cents, rules.major_unit_cents) * Fraction(rules.points_per_currency_unit)
    )


@lru_cache(256)
def cents_for_one_point(rules: LoyaltyRules) -> int | None:
    """Return the smallest subtotal in cents that earns a point, ignoring the minimum order; None if there is none."""
    rate = Fraction(rules.points_per_currency_unit) / rules.major_unit_cents
    if rate == 0:
        return None
    amounts = range(at_most(1 / rate) + 2)
    return bisect_left(amounts, 1, key=lambda cents: rules.rounding.whole(cents * rate))


def points_reversed(
    points: int, refunded_cents: int, subtotal_cents: int, rules: LoyaltyRules, *, in_full: bool
) -> int:
    """Return the points of an order that refunds of ``refunded_cents`` in all reverse: ``points × r / S``.

    Calculated from the sum of all refunds, so several refunds in any order give the same total as one
    (``docs/contract/points.md``, When an order is undone).
    """
    if in_full or subtotal_cents == 0:
        return points if in_full else 0
    return min(points, rules.rounding.whole(Fraction(points * refunded_cents, subtotal_cents)))


def redemption_cap(subtotal_cents: int, coupon_cents: int, rules: LoyaltyRules) -> int:
    """Return ``min(S × max_redeem_percent / 100, S − C)`` in cents (``docs/contract/points.md``, Redeeming)."""
    by_percent = at_most(Fraction(subtotal_cents) * Fraction(rules.max_redeem_percent) / 100)
    return max(0, whole_units(min(by_percent, subtotal_cents - coupon_cents), rules.unit_cents))


def points_for_money(cents: int, rules: LoyaltyRules) -> int:
    """Return the most points whose worth does not exceed an amount: ``amount × points_per_currency_discount``."""
    return at_most(Fraction(cents, rules.major_unit_cents) * Fraction(rules.points_per_currency_discount))


def discount_for_points(points: int, rules: LoyaltyRules) -> int:
    """Return the cents that points take off: ``points / points_per_currency_discount`` in minor units."""
    units = Fraction(points) / Fraction(rules.points_per_currency_discount) * rules.major_unit_cents / rules.unit_cents
    return rules.rounding.whole(units) * rules.unit_cents


def redeemable(
    subtotal_cents: int, coupon_cents: int, balance: int, rules: LoyaltyRules, *, registered: bool = True
) -> Redeemable:
    """Return what can be redeemed on a cart: the most points, their worth, or the first reason for none.

    ``balance`` is the spendable balance, 0 for an unknown customer, so that both get the same response.
    """
    cap = redemption_cap(subtotal_cents, coupon_cents, rules)
    most = min(balance, points_for_money(cap, rules))
    worth = discount_for_points(most, rules)
    reason: Reason | None = None
    if not rules.enabled:
        reason = "loyalty_disabled"
    elif balance <= 0:
        reason = "unknown_customer"
    elif rules.optin_required and not registered:
        reason = "not_registered"
    elif subtotal_cents < rules.min_checkout_total_cents:
        reason = "below_minimum_total"
    elif cap == 0:
        reason = "nothing_to_discount"
    elif most < rules.min_points_to_redeem:
        reason = "below_minimum_points"
    elif worth < 1:
        reason = "nothing_to_discount"
    return Redeemable(most, worth, None) if reason is None else Redeemable(0, 0, reason)


def discount_of_redemption(
    points: int, subtotal_cents: int, coupon_cents: int, balance: int, rules: LoyaltyRules, *, registered: bool = True
) -> int:
    """Return the discount in cents for redeeming exactly ``points`` on a cart.

    Raise RedemptionRefused unless ``min_points_to_redeem ≤ points ≤ max_points`` and they are worth at least one minor
    unit.
    """
    possible = redeemable(subtotal_cents, coupon_cents, balance, rules, registered=registered)
    if possible.reason == "loyalty_disabled":
        raise RedemptionRefused(possible.reason, REFUSALS[possible.reason])
    if points < rules.min_points_to_redeem:
        raise RedemptionRefused(
            "below_minimum_points",
            Translatable("At least %(count)s points must be redeemed at once.", count=rules.min_points_to_redeem),
        )
    if points > balance:
        raise RedemptionRefused("insufficient_points", "The customer does not have enough points.")
    if possible.reason is not None:
        raise RedemptionRefused(possible.reason, REFUSALS[possible.reason])
    if points > possible.max_points:
        raise RedemptionRefused(
            "too_many_points",
            Translatable("At most %(count)s points can be redeemed on this order.", count=possible.max_points),
        )
    discount = discount_for_points(points, rules)
    if discount < 1:
        raise RedemptionRefused(
            "nothing_to_discount", "These points are worth less than the smallest amount of the currency."
        )
    return discount


REFUSALS: dict[Reason, str] = {
    "loyalty_disabled": N_("This shop does not accept points at the moment."),
    "unknown_customer": N_("The customer has no points to redeem."),
    "not_registered": N_("The customer has not joined the loyalty programme."),
    "redemption_held": N_(
        "Points cannot be redeemed for now: the e-mail or phone of this account was changed. The shop can allow it."
    ),
    "below_minimum_total": N_("The order is below the amount from which points can be redeemed."),
    "nothing_to_discount": N_("Nothing on this order can be paid with points."),
    "below_minimum_points": N_("This order allows fewer points than the minimum for one redemption."),
}
