"""The loyalty rules on their page: label, explanation, unit, example."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from flask_babel import gettext, lazy_gettext, ngettext

from shop.domain.formats import format_price
from shop.domain.money import format_money, minor_units, parse_money
from shop.web.pages.formats import in_field

Kind = Literal["switch", "choice", "money", "points", "whole points", "percent", "minutes"]


@dataclass(frozen=True, slots=True)
class Field:
    """A rule on the page. ``{money}`` in its texts stands for 1.00 of the shop's currency."""

    key: str
    kind: Kind
    label: str
    help: str
    choices: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A group of rules."""

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
                lazy_gettext("When off, customers can’t earn or use points. Balances are kept."),
            ),
            Field(
                "loyalty_award_trigger",
                "choice",
                lazy_gettext("Add points when"),
                lazy_gettext("Each order earns points once."),
                {
                    "payment_paid": lazy_gettext("the order is paid"),
                    "order_completed": lazy_gettext("the order is done"),
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
                lazy_gettext("Minimum order to earn"),
                lazy_gettext("Orders below this earn no points. 0: every order earns."),
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
                lazy_gettext("What points are worth at checkout. Changing this changes the value of every balance."),
            ),
            Field(
                "loyalty_max_redeem_percent",
                "percent",
                lazy_gettext("Maximum share paid with points"),
                lazy_gettext("Percentage of the goods, after any coupon."),
            ),
            Field(
                "loyalty_min_points_to_redeem",
                "whole points",
                lazy_gettext("Minimum points to redeem"),
                lazy_gettext("Customers with fewer can’t redeem yet."),
            ),
            Field(
                "loyalty_min_checkout_total",
                "money",
                lazy_gettext("Minimum cart to redeem"),
                lazy_gettext("Goods before discounts. 0: any cart."),
            ),
            Field(
                "loyalty_refund_returns_points",
                "choice",
                lazy_gettext("On a partial refund, return used points"),
                lazy_gettext("A full refund or a cancellation always restores all of them."),
                {
                    "at_end": lazy_gettext("only when fully refunded"),
                    "in_proportion": lazy_gettext("in proportion"),
                },
            ),
        ),
    ),
    Group(
        "code",
        lazy_gettext("Confirmation code"),
        (
            Field(
                "loyalty_otp_ttl_minutes",
                "minutes",
                lazy_gettext("Code expires after"),
                lazy_gettext("Customers enter the code to confirm the points are theirs. 1 to 60."),
            ),
            Field(
                "loyalty_redemption_token_ttl_minutes",
                "minutes",
                lazy_gettext("After entering the code, order within"),
                lazy_gettext("Time to place the order. Valid for one order. 1 to 240."),
            ),
        ),
    ),
)
FIELDS: Final = {field.key: field for group in GROUPS for field in group.fields}


def label_of(key: str, currency: str) -> str:
    """Return a rule's label: ``Points for each KES 1.00 spent``."""
    return str(FIELDS[key].label).replace("{money}", amount(minor_units(currency), currency))


def shown_in_field(key: str, text: str, currency: str) -> str:
    """Return a stored text as the form shows it: money with all its decimals."""
    if FIELDS[key].kind != "money":
        return text
    return in_field(format_money(parse_money(text, currency), currency))


def in_words(key: str, text: str, currency: str) -> str:
    """Return a stored text for display: ``KES 200.00``, ``1.5 points``, ``50 %``, ``Off``."""
    field = FIELDS[key]
    if field.kind == "switch":
        return gettext("On") if text == "true" else gettext("Off")
    if field.choices is not None:
        return str(field.choices[text])
    if field.kind == "money":
        return amount(parse_money(text, currency), currency)
    if field.kind == "percent":
        return f"{text}\u00a0%"
    if field.kind == "minutes":
        return str(ngettext("%(num)s minute", "%(num)s minutes", int(text)))
    return points_named(text)


def points_named(number: str | int) -> str:
    """Return ``1 point``, ``1.5 points``."""
    shown = f"{Decimal(number):,}"
    return str(ngettext("%(shown)s point", "%(shown)s points", 1 if shown == "1" else 2, shown=shown))


def amount(cents: int, currency: str) -> str:
    """Return ``KES 1.00`` with a non-breaking space."""
    return format_price(cents, currency).replace(" ", "\u00a0")
