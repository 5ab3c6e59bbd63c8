"""The loyalty rules in plain words: what each is called, what it means, its unit, and what it comes to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from flask_babel import gettext, lazy_gettext, ngettext

from shop.domain.money import format_money, parse_money
from shop.domain.points import LoyaltyRules, discount_for_points, points_earned, points_reversed, redemption_cap
from shop.queries.loyalty.rules_preview import SAMPLE_BALANCE, SAMPLE_CART_CENTS
from shop.staff.formats import grouped, money

Kind = Literal["switch", "choice", "money", "points", "whole points", "percent", "minutes"]
ALMOST = 99999
"""999.99, the amount that shows which way is rounded."""


@dataclass(frozen=True, slots=True)
class Field:
    """One rule on the page. ``{money}`` in its words stands for 1.00 of the shop's currency."""

    key: str
    kind: Kind
    label: str
    help: str
    choices: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that belong together."""

    id: str
    heading: str
    fields: tuple[Field, ...]


GROUPS: Final = (
    Group(
        "programme",
        lazy_gettext("The programme"),
        (
            Field(
                "loyalty_points_enabled",
                "switch",
                lazy_gettext("Loyalty points"),
                lazy_gettext("Off means nobody earns or redeems. Balances wait, untouched, until it is on again."),
            ),
            Field(
                "loyalty_award_trigger",
                "choice",
                lazy_gettext("Give points when"),
                lazy_gettext("Each order earns once, whatever is marked, unmarked or marked again later."),
                {
                    "payment_paid": lazy_gettext("payment is marked paid"),
                    "order_completed": lazy_gettext("the order is completed"),
                    "either": lazy_gettext("either comes first"),
                },
            ),
        ),
    ),
    Group(
        "earning",
        lazy_gettext("Earning"),
        (
            Field(
                "loyalty_points_per_currency_unit",
                "points",
                lazy_gettext("Points for each {money} spent"),
                lazy_gettext(
                    "Counted on goods before discounts, without delivery and tax. Rounded down to whole points. "
                    "0 to 10,000."
                ),
            ),
            Field(
                "loyalty_min_order_subtotal_to_earn",
                "money",
                lazy_gettext("Smallest order that earns"),
                lazy_gettext("Orders with fewer goods than this earn nothing. 0.00 lets every order earn."),
            ),
        ),
    ),
    Group(
        "redeeming",
        lazy_gettext("Redeeming"),
        (
            Field(
                "loyalty_points_per_currency_discount",
                "points",
                lazy_gettext("Points for {money} off"),
                lazy_gettext("What a point is worth at the checkout. A change revalues every balance at once."),
            ),
            Field(
                "loyalty_max_redeem_percent",
                "percent",
                lazy_gettext("Most of a basket that points can pay"),
                lazy_gettext("A share of the goods; never more than what is left after a coupon."),
            ),
            Field(
                "loyalty_min_points_to_redeem",
                "whole points",
                lazy_gettext("Fewest points in one go"),
                lazy_gettext("Customers with fewer cannot redeem yet."),
            ),
            Field(
                "loyalty_min_checkout_total",
                "money",
                lazy_gettext("Smallest basket for redeeming"),
                lazy_gettext("Goods before discounts. 0.00 allows any basket."),
            ),
            Field(
                "loyalty_refund_returns_points",
                "choice",
                lazy_gettext("After a refund in part, used points come back"),
                lazy_gettext("A refund in full or a cancelled order always gives all of them back."),
                {
                    "at_end": lazy_gettext("with the last part"),
                    "in_proportion": lazy_gettext("with each part, its share"),
                },
            ),
        ),
    ),
    Group(
        "code",
        lazy_gettext("The e-mailed code"),
        (
            Field(
                "loyalty_otp_ttl_minutes",
                "minutes",
                lazy_gettext("A code works for"),
                lazy_gettext("Customers type it to prove that the points are theirs. 1 to 60."),
            ),
            Field(
                "loyalty_redemption_token_ttl_minutes",
                "minutes",
                lazy_gettext("After the code, points stay unlocked for"),
                lazy_gettext("Time to finish the order; for one order only. 1 to 240."),
            ),
        ),
    ),
)
FIELDS: Final = {field.key: field for group in GROUPS for field in group.fields}


def label_of(key: str, currency: str) -> str:
    """What a rule is called: ``Points for each KES 1.00 spent``."""
    return str(FIELDS[key].label).replace("{money}", f"{currency}\u00a01.00")


def shown_in_field(key: str, text: str) -> str:
    """A kept text as it stands in the form: money with both decimals, all else as it is."""
    return format_money(parse_money(text)) if FIELDS[key].kind == "money" else text


def in_words(key: str, text: str, currency: str) -> str:
    """A kept text as people say it: ``KES 200.00``, ``1.5 points``, ``50 %``, ``Off``."""
    field = FIELDS[key]
    if field.kind == "switch":
        return gettext("On") if text == "true" else gettext("Off")
    if field.choices is not None:
        return str(field.choices[text])
    if field.kind == "money":
        return _amount(parse_money(text), currency)
    if field.kind == "percent":
        return f"{text}\u00a0%"
    if field.kind == "minutes":
        return str(ngettext("%(num)s minute", "%(num)s minutes", int(text)))
    return _points(text)


def _points(number: str | int) -> str:
    shown = f"{Decimal(number):,}"
    return str(ngettext("%(shown)s point", "%(shown)s points", 1 if shown == "1" else 2, shown=shown))


def _amount(cents: int, currency: str) -> str:
    return f"{currency}\u00a0{money(cents)}"


def example_of(key: str, rules: LoyaltyRules, currency: str) -> str | None:
    """What a rule comes to, worked out with all the others as they stand; None where there is nothing to work out."""
    make = EXAMPLES.get(key)
    return make(rules, currency) if make else None


def _earning(rules: LoyaltyRules, currency: str) -> str:
    spent = max(ALMOST, rules.min_order_subtotal_to_earn_cents)
    earned = _points(points_earned(spent, rules))
    return str(gettext("%(spent)s earns %(earned)s", spent=_amount(spent, currency), earned=earned))


def _smallest_order(rules: LoyaltyRules, currency: str) -> str | None:
    smallest = rules.min_order_subtotal_to_earn_cents
    if smallest == 0:
        earned = points_earned(100, rules)
        spent, points = _amount(100, currency), _points(earned)
        return str(gettext("Even %(spent)s earns %(points)s", spent=spent, points=points)) if earned else None
    return str(
        gettext(
            "%(below)s earns nothing, %(smallest)s earns %(earned)s",
            below=_amount(smallest - 1, currency),
            smallest=_amount(smallest, currency),
            earned=grouped(points_earned(smallest, rules)),
        )
    )


def _worth(rules: LoyaltyRules, currency: str) -> str:
    return _off(SAMPLE_BALANCE, rules, currency)


def _off(points: int, rules: LoyaltyRules, currency: str) -> str:
    worth = _amount(discount_for_points(points, rules), currency)
    return str(gettext("%(points)s = %(worth)s off", points=_points(points), worth=worth))


def _share(rules: LoyaltyRules, currency: str) -> str:
    basket, most = _amount(SAMPLE_CART_CENTS, currency), redemption_cap(SAMPLE_CART_CENTS, 0, rules)
    return str(gettext("A basket of %(basket)s: at most %(most)s", basket=basket, most=_amount(most, currency)))


def _fewest(rules: LoyaltyRules, currency: str) -> str:
    return _off(rules.min_points_to_redeem, rules, currency)


def _smallest_basket(rules: LoyaltyRules, currency: str) -> str | None:
    smallest = rules.min_checkout_total_cents
    if smallest == 0:
        return None
    return str(
        gettext(
            "At %(below)s points cannot be used, from %(smallest)s on they can",
            below=_amount(smallest - 1, currency),
            smallest=_amount(smallest, currency),
        )
    )


def _returned(rules: LoyaltyRules, currency: str) -> str:
    half = points_reversed(800, 50, 100, rules, in_full=False) if rules.refund_returns_points == "in_proportion" else 0
    return str(
        gettext(
            "800 points used, half of the money refunded: %(now)s of them come back now, %(later)s with the rest",
            now=grouped(half),
            later=grouped(800 - half),
        )
    )


def _until(minutes: int) -> str:
    return f"{10 + minutes // 60}:{minutes % 60:02d}"


def _code(rules: LoyaltyRules, _currency: str) -> str:
    return str(gettext("Asked for at 10:00, good until %(end)s", end=_until(rules.otp_ttl_minutes)))


def _unlocked(rules: LoyaltyRules, _currency: str) -> str:
    return str(gettext("Typed in at 10:00, order by %(end)s", end=_until(rules.redemption_token_ttl_minutes)))


EXAMPLES: Final[Mapping[str, Callable[[LoyaltyRules, str], str | None]]] = {
    "loyalty_points_per_currency_unit": _earning,
    "loyalty_min_order_subtotal_to_earn": _smallest_order,
    "loyalty_points_per_currency_discount": _worth,
    "loyalty_max_redeem_percent": _share,
    "loyalty_min_points_to_redeem": _fewest,
    "loyalty_min_checkout_total": _smallest_basket,
    "loyalty_refund_returns_points": _returned,
    "loyalty_otp_ttl_minutes": _code,
    "loyalty_redemption_token_ttl_minutes": _unlocked,
}
