"""Worked examples beside the loyalty rules."""

from collections.abc import Callable, Mapping
from typing import Final

from flask_babel import gettext

from shop.domain.formats import group_digits
from shop.domain.loyalty.points import LoyaltyRules, discount_for_points, points_earned, points_reversed, redemption_cap
from shop.queries.loyalty.rules_preview import SAMPLE_BALANCE, SAMPLE_CART_CENTS
from shop.staff.loyalty_settings.fields import amount, points_named

ALMOST = 99999
"""999.99, an amount that shows the direction of rounding."""


def example_of(key: str, rules: LoyaltyRules, currency: str) -> str | None:
    """Return an example for a rule, calculated with all current rules; None if there is none."""
    make = EXAMPLES.get(key)
    return make(rules, currency) if make else None


def _earning(rules: LoyaltyRules, currency: str) -> str:
    spent = max(ALMOST, rules.min_order_subtotal_to_earn_cents)
    earned = points_named(points_earned(spent, rules))
    return str(gettext("%(spent)s earns %(earned)s", spent=amount(spent, currency), earned=earned))


def _smallest_order(rules: LoyaltyRules, currency: str) -> str | None:
    smallest = rules.min_order_subtotal_to_earn_cents
    if smallest == 0:
        earned = points_earned(rules.major_unit_cents, rules)
        spent, points = amount(rules.major_unit_cents, currency), points_named(earned)
        return str(gettext("Even %(spent)s earns %(points)s", spent=spent, points=points)) if earned else None
    return str(
        gettext(
            "%(below)s earns nothing, %(smallest)s earns %(earned)s",
            below=amount(smallest - 1, currency),
            smallest=amount(smallest, currency),
            earned=group_digits(points_earned(smallest, rules)),
        )
    )


def _worth(rules: LoyaltyRules, currency: str) -> str:
    return _off(SAMPLE_BALANCE, rules, currency)


def _off(points: int, rules: LoyaltyRules, currency: str) -> str:
    worth = amount(discount_for_points(points, rules), currency)
    return str(gettext("%(points)s = %(worth)s off", points=points_named(points), worth=worth))


def _share(rules: LoyaltyRules, currency: str) -> str:
    cart, most = amount(SAMPLE_CART_CENTS, currency), redemption_cap(SAMPLE_CART_CENTS, 0, rules)
    return str(gettext("Cart of %(cart)s: up to %(most)s", cart=cart, most=amount(most, currency)))


def _fewest(rules: LoyaltyRules, currency: str) -> str:
    return _off(rules.min_points_to_redeem, rules, currency)


def _smallest_cart(rules: LoyaltyRules, currency: str) -> str | None:
    smallest = rules.min_checkout_total_cents
    if smallest == 0:
        return None
    return str(
        gettext(
            "%(below)s: points can’t be used. %(smallest)s: they can",
            below=amount(smallest - 1, currency),
            smallest=amount(smallest, currency),
        )
    )


def _returned(rules: LoyaltyRules, currency: str) -> str:
    half = points_reversed(800, 50, 100, rules, in_full=False) if rules.refund_returns_points == "in_proportion" else 0
    return str(
        gettext(
            "800 points used, half refunded: %(now)s restored now, %(later)s with the rest",
            now=group_digits(half),
            later=group_digits(800 - half),
        )
    )


def _until(minutes: int) -> str:
    return f"{10 + minutes // 60}:{minutes % 60:02d}"


def _code(rules: LoyaltyRules, _currency: str) -> str:
    return str(gettext("Sent at 10:00, expires at %(end)s", end=_until(rules.otp_ttl_minutes)))


def _unlocked(rules: LoyaltyRules, _currency: str) -> str:
    return str(gettext("Entered at 10:00, order by %(end)s", end=_until(rules.redemption_token_ttl_minutes)))


EXAMPLES: Final[Mapping[str, Callable[[LoyaltyRules, str], str | None]]] = {
    "loyalty_points_per_currency_unit": _earning,
    "loyalty_min_order_subtotal_to_earn": _smallest_order,
    "loyalty_points_per_currency_discount": _worth,
    "loyalty_max_redeem_percent": _share,
    "loyalty_min_points_to_redeem": _fewest,
    "loyalty_min_checkout_total": _smallest_cart,
    "loyalty_refund_returns_points": _returned,
    "loyalty_otp_ttl_minutes": _code,
    "loyalty_redemption_token_ttl_minutes": _unlocked,
}
