"""What rules would have given for many orders at once, from sums that a database can make exactly in 64 bits.

A subtotal is so many whole periods and a remainder. Whole periods earn a whole, even number of points whatever the
rounding, so orders with the same remainder are counted together and only remainders are rounded, here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from shop.domain.loyalty.points import CENTS, LoyaltyRules
from shop.domain.loyalty.rounding import EVEN_PERIOD, Rounding


@dataclass(frozen=True, slots=True)
class EarningRate:
    """Points for each period of cents, the smallest subtotal in cents that may earn, and the rounding of the rest."""

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
    """Orders whose subtotals leave the same remainder, with or without a whole period; ``periods`` of all of them."""

    remainder_cents: int
    has_period: bool
    orders: int
    periods: int


def earning_rate(rules: LoyaltyRules) -> EarningRate | None:
    """Return how rules turn cents into points; None if no order earns anything."""
    rate = Fraction(rules.points_per_currency_unit) / CENTS
    if not rules.enabled or rate == 0:
        return None
    minimum = rules.min_order_subtotal_to_earn_cents
    return EarningRate(EVEN_PERIOD * rate.numerator, EVEN_PERIOD * rate.denominator, minimum, rules.rounding)


def share_in_tenths(part: int, whole: int) -> int:
    """Return the tenths of a per cent that ``part`` is of ``whole``, rounded half up; 0 of 0: ``(14, 1000)`` → 14."""
    return (2000 * part + whole) // (2 * whole) if whole else 0
