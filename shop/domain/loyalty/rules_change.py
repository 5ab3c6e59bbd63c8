"""The relative change in a programme's cost when its rules change."""

from fractions import Fraction
from typing import Final

from shop.domain.loyalty.points import LoyaltyRules

FROM_NOTHING: Final = 1_000_000
"""The per cent used for a change from zero."""


def cost_change_percent(today: LoyaltyRules, proposed: LoyaltyRules) -> int:
    """Return the larger relative change, in per cent rounded up, of two rates.

    They are the value of the points given for 1.00 spent, and the value of one point, which customers hold already.
    """
    rates = zip(_rates(today), _rates(proposed), strict=True)
    return max(_percent(old, new) for old, new in rates)


def _rates(rules: LoyaltyRules) -> tuple[Fraction, Fraction]:
    worth = 1 / Fraction(rules.points_per_currency_discount)
    given = Fraction(rules.points_per_currency_unit) * worth if rules.enabled else Fraction(0)
    return given, worth


def _percent(old: Fraction, new: Fraction) -> int:
    if old == new:
        return 0
    if old == 0:
        return FROM_NOTHING
    return min(FROM_NOTHING, -(-(abs(new - old) * 100) // old))
