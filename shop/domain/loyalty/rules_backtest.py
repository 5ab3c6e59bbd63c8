"""Points that rules would have given for many orders, from exact 64-bit sums of the database.

A subtotal is a number of whole periods and a remainder. Whole periods earn an even number of points under every
rounding rule, so orders with the same remainder are grouped and only remainders are rounded, here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from shop.domain.loyalty.points import LoyaltyRules
from shop.domain.loyalty.rounding import EVEN_PERIOD, Rounding


@dataclass(frozen=True, slots=True)
class EarningRate:
    """Points for each period of cents, the minimum subtotal in cents, and the rounding of the remainder."""

    points: int
    period_cents: int
    minimum_cents: int
    rounding: Rounding

    def sum_points(self, groups: Iterable["SubtotalGroup"]) -> tuple[int, int]:
        """Return how many orders earn something, and their points."""
        earning = total = 0
        for group in groups:
            rest = self.rounding.whole(Fraction(group.remainder_cents * self.points, self.period_cents))
            total += group.periods * self.points + group.orders * rest
            earning += group.orders if rest or group.has_period else 0
        return earning, total


class SubtotalGroup(NamedTuple):
    """Orders whose subtotals have the same remainder; ``periods`` is the sum over all of them."""

    remainder_cents: int
    has_period: bool
    orders: int
    periods: int


def earning_rate(rules: LoyaltyRules) -> EarningRate | None:
    """Return the rate at which rules turn cents into points; None if no order earns any."""
    rate = Fraction(rules.points_per_currency_unit) / rules.major_unit_cents
    if not rules.enabled or rate == 0:
        return None
    minimum = rules.min_order_subtotal_to_earn_cents
    return EarningRate(EVEN_PERIOD * rate.numerator, EVEN_PERIOD * rate.denominator, minimum, rules.rounding)


def share_in_tenths(part: int, whole: int) -> int:
    """Return ``part`` of ``whole`` in tenths of a per cent, rounded half up; 0 for 0 of 0: ``(14, 1000)`` gives 14."""
    return (2000 * part + whole) // (2 * whole) if whole else 0
