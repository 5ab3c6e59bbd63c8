"""Conditions of segments: operators, and values as they are stored."""

import pytest

from shop.domain.customers.segments import MOST_CONDITIONS, Condition, SegmentRules


@pytest.mark.parametrize(
    ("field", "operator", "typed", "stored"),
    [
        ("orders", "at_least", "1,000", "1000"),
        ("orders", "at_most", "0", "0"),
        ("points", "at_most", str(10**12), str(10**12)),
        ("spent", "at_least", "1,250.50", "1250.50"),
        ("last_order", "never", "anything", ""),
        ("last_order", "within_days", "3650", "3650"),
        ("last_order", "before", " 2026-07-31 ", "2026-07-31"),
        ("added", "since", "1970-01-01", "1970-01-01"),
        ("added", "since", "2099-12-31", "2099-12-31"),
        ("birthday", "in_month", "12", "12"),
        ("member", "has", "", ""),
        ("bought", "has", "7", "7"),
        ("consent", "has", "marketing_sms", "marketing_sms"),
        ("tag", "has_not", "  Regular  ", "Regular"),
        ("area", "is", "x" * 200, "x" * 200),
    ],
)
def test_a_condition_is_stored_cleaned(field, operator, typed, stored):
    condition = Condition.read(field, operator, typed, currency="KES")
    assert condition == (field, operator, stored)


@pytest.mark.parametrize(
    ("field", "operator", "typed", "why"),
    [
        ("height", "at_least", "1", "customer field"),
        ("orders", "has", "1", "operator"),
        ("orders", "at_least", " ", "needs a value"),
        ("orders", "at_least", "1.5", "whole number"),
        ("orders", "at_least", "-1", "whole number"),
        ("points", "at_least", str(10**12 + 1), "whole number"),
        ("last_order", "within_days", "3651", "whole number"),
        ("birthday", "in_month", "13", "whole number"),
        ("added", "since", "31.7.2026", "such as 2026-07-31"),
        ("added", "since", "1969-12-31", "such as 2026-07-31"),
        ("added", "since", "2100-01-01", "such as 2026-07-31"),
        ("consent", "has", "marketing_fax", "kind of consent"),
        ("area", "is", "x" * 201, "200"),
    ],
)
def test_a_condition_that_cannot_be_read_says_why(field, operator, typed, why):
    with pytest.raises(ValueError, match=why):
        Condition.read(field, operator, typed, currency="KES")


def test_a_comma_can_be_the_decimal_mark():
    assert Condition.read("spent", "at_most", "1.250,50", ",", "EUR").value == "1250.50"


def test_stored_rules_are_read_again_without_what_is_unknown():
    rules = SegmentRules((Condition("orders", "at_least", "2"), Condition("tag", "has", "VIP")), any_of=True)
    kept = rules.to_json()
    assert SegmentRules.from_json(kept) == rules
    kept["conditions"] += [["height", "at_least", "1"], ["orders", "has", "1"], ["orders", "at_least"]]
    assert SegmentRules.from_json(kept) == rules
    assert SegmentRules.from_json({}) == SegmentRules()
    assert not SegmentRules().any_of
    assert rules.conditions[0].kind == "number"


def test_a_segment_has_at_most_twelve_conditions():
    assert MOST_CONDITIONS == 12
