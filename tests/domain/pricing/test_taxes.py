"""Taxes: discounts are allocated, lines add up to classes and classes to the order, nothing is negative."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.domain.pricing.taxes import (
    KRA_CLASSES,
    NO_TAXES,
    TaxClassTerms,
    TaxedPart,
    TaxRate,
    TaxRules,
    added_tax,
    calculate_taxes,
    included_tax,
    spread_discounts,
)

RATES = {one.code: TaxRate(one.code, one.name, one.rate) for one in KRA_CLASSES}
LINES = st.lists(st.tuples(st.sampled_from("ABCDE?"), st.integers(0, 10**9)), min_size=1, max_size=9)


@pytest.mark.parametrize(
    ("gross", "rate", "tax"),
    [(11600, 1600, 1600), (100, 1600, 14), (10800, 800, 800), (5, 1600, 1), (3, 1600, 0), (9999, 0, 0), (0, 1600, 0)],
)
def test_the_tax_in_an_amount_is_rounded_half_up(gross, rate, tax):
    assert included_tax(gross, rate) == tax


@pytest.mark.parametrize(
    ("net", "rate", "unit", "tax"), [(10000, 1600, 1, 1600), (3, 1600, 1, 0), (25, 1600, 1, 4), (1050, 1600, 100, 200)]
)
def test_the_tax_on_an_amount_is_rounded_half_up(net, rate, unit, tax):
    assert added_tax(net, rate, unit) == tax


@given(st.integers(0, 10**11), st.sampled_from([0, 800, 1600]), st.sampled_from([1, 100]))
def test_the_tax_is_whole_units_within_the_amount(gross, rate, unit):
    gross *= unit
    tax = included_tax(gross, rate, unit)
    assert 0 <= tax <= gross
    assert tax % unit == 0
    assert abs(tax * (10_000 + rate) - gross * rate) * 2 <= (10_000 + rate) * unit


@given(LINES, st.booleans(), st.sampled_from([1, 100]), st.data())
def test_lines_add_up_to_classes_and_classes_to_what_is_paid(lines, is_included, unit, data):
    cents = [part * unit for _code, part in lines]
    own = [part if data.draw(st.booleans()) else 0 for part in cents]
    coupon = data.draw(st.integers(0, sum(own) // unit)) * unit
    points = data.draw(st.integers(0, (sum(cents) - coupon) // unit)) * unit
    left = spread_discounts(cents, [(coupon, own), (points, cents)], unit)
    assert sum(left) == sum(cents) - coupon - points
    assert all(0 <= rest <= part for rest, part in zip(left, cents, strict=True))
    assert all(rest == part for rest, part, one in zip(left, cents, own, strict=True) if not one and not points)

    parts = [TaxedPart(code, rest) for (code, _), rest in zip(lines, left, strict=True)]
    taxes = calculate_taxes(parts, TaxRules(is_included, RATES, "B"), unit)
    paid = sum(left) + taxes.added_cents
    assert sum(line.net_cents + line.tax_cents for line in taxes.lines) == paid
    assert taxes.added_cents == (0 if is_included else sum(line.tax_cents for line in taxes.lines))
    for line in taxes.lines:
        assert sum(tax for code, tax in taxes.parts if code == line.code) == line.tax_cents
    assert all(tax >= 0 and tax % unit == 0 for _code, tax in taxes.parts)
    assert len({line.code for line in taxes.lines}) == len(taxes.lines)


def test_a_class_that_is_unknown_is_the_default_one():
    parts = [TaxedPart("", 11600), TaxedPart("GONE", 11600), TaxedPart("E", 10800)]
    taxes = calculate_taxes(parts, TaxRules(True, RATES, "B"))
    assert [(line.code, line.rate, line.net_cents, line.tax_cents) for line in taxes.lines] == [
        ("B", 1600, 20000, 3200),
        ("E", 800, 10000, 800),
    ]
    assert taxes.parts == [("B", 1600), ("B", 1600), ("E", 800)]


def test_nothing_is_taxed_without_rules():
    assert (NO_TAXES.lines, NO_TAXES.added_cents) == ((), 0)


def test_a_rate_changes_on_its_day():
    one = TaxClassTerms("B", "VAT", 1600, 1800, date(2027, 7, 1))
    assert [one.rate_on(date(2027, 6, 30)), one.rate_on(date(2027, 7, 1))] == [1600, 1800]
    assert TaxClassTerms("B", "VAT", 1600).rate_on(date(2027, 7, 1)) == 1600


def test_the_unit_is_one_unless_another_is_given():
    assert added_tax(44, 1600) == 7
    assert calculate_taxes([TaxedPart("B", 50)], TaxRules(True, RATES, "B")).parts == [("B", 7)]
    assert spread_discounts([3, 3], [(2, [3, 3])]) == [2, 2]


def test_kenyas_classes_have_the_rates_of_etims():
    assert {one.code: one.rate for one in KRA_CLASSES} == {"A": 0, "B": 1600, "C": 0, "D": 0, "E": 800}
