"""How much rules change what the programme costs."""

from dataclasses import replace
from decimal import Decimal

import pytest

from shop.domain.loyalty.points import LoyaltyRules
from shop.domain.loyalty.rules_change import FROM_NOTHING, cost_change_percent

RULES = LoyaltyRules(enabled=True, points_per_currency_unit=Decimal(1), points_per_currency_discount=Decimal(100))


@pytest.mark.parametrize(
    ("changes", "percent"),
    [
        ({}, 0),
        ({"points_per_currency_unit": Decimal("1.2")}, 20),
        ({"points_per_currency_unit": Decimal("1.2001")}, 21),
        ({"points_per_currency_unit": Decimal("0.5")}, 50),
        ({"points_per_currency_discount": Decimal(200)}, 50),
        ({"points_per_currency_discount": Decimal(50)}, 100),
        ({"points_per_currency_unit": Decimal(2), "points_per_currency_discount": Decimal(200)}, 50),
        ({"enabled": False}, 100),
        ({"points_per_currency_unit": Decimal(0)}, 100),
    ],
)
def test_the_larger_of_two_rates_decides(changes, percent):
    assert cost_change_percent(RULES, replace(RULES, **changes)) == percent


def test_a_programme_that_begins_is_a_large_change():
    assert cost_change_percent(replace(RULES, enabled=False), RULES) == FROM_NOTHING == 1_000_000
