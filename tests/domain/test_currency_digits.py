"""Currencies of three decimals, and that no code handles amounts without naming their currency."""

import ast
from decimal import Decimal

import pytest

from shop.config import RESOURCES
from shop.domain.formats import format_price
from shop.domain.loyalty.points import LoyaltyRules, discount_for_points, points_earned, points_for_money
from shop.domain.money import currency_exponent, format_money, minor_units, parse_money, smallest_amount
from shop.domain.numbers import parse_amount, parse_number, write_number

DINARS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
LAST_IS_CURRENCY = {"parse_money": 2, "format_money": 2, "apply_coupon_terms": 5}
"""Functions of the domain whose last argument is a currency, and how many arguments they have then."""


@pytest.mark.parametrize("currency", DINARS)
def test_dinars_have_three_decimals(currency):
    assert (currency_exponent(currency), minor_units(currency), smallest_amount(currency)) == (3, 1000, 1)
    assert parse_money("1.234", currency) == 1234
    assert format_money(1234, currency) == "1.234"
    assert format_price(-1_234_005, currency) == f"{currency} −1,234.005"
    with pytest.raises(ValueError, match="must have at most three decimals"):
        parse_money("1.2345", currency)


@pytest.mark.parametrize(("currency", "minor", "written"), [("KES", 123400, "1234.00"), ("JPY", 123400, "1234.00")])
def test_other_currencies_are_stored_in_hundredths(currency, minor, written):
    assert (parse_money("1234", currency), format_money(minor, currency)) == (minor, written)
    with pytest.raises(ValueError, match="must have at most two decimals"):
        parse_money("1.234", currency)


def test_a_comma_before_three_digits_is_never_guessed():
    assert parse_amount("1,234", "KW", "KWD") == 1_234_000
    assert parse_amount("1,234", "TN", "TND") == 1234
    with pytest.raises(ValueError, match="must be a number such as"):
        parse_amount("1.234", "TN", "TND")
    for text, mark in (("1,234.005", "."), ("1,234.005", ","), ("0.500", ",")):
        assert parse_number(write_number(text, mark), mark) == Decimal(text.replace(",", ""))


def test_points_are_for_whole_dinars():
    rules = LoyaltyRules(points_per_currency_unit=Decimal(2), major_unit_cents=minor_units("KWD"))
    assert points_earned(1234, rules) == 2
    assert (discount_for_points(1, rules), points_for_money(3702, rules)) == (10, 370)
    assert LoyaltyRules.from_json(rules.to_json()) == rules


def test_amounts_are_read_and_written_in_a_currency():
    assert [f"{path}:{line}" for path in RESOURCES.glob("shop/**/*.py") for line in unnamed(path)] == []


def unnamed(path):
    """Return the lines on which a module handles money without its currency."""
    calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    named = ((call, getattr(call.func, "id", "")) for call in calls if path.name != "money.py")
    return [call.lineno for call, name in named if len(call.args) < LAST_IS_CURRENCY.get(name, 0)]
