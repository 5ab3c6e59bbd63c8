"""What a rule would have given for many orders at once, in parts that a database can sum exactly in 64 bits.

``floor(S × n / d)`` is ``n × (S div d) + floor((S mod d) × n / d)`` for whole numbers, so the sum over orders is ``n``
times the sum of the first part and the sum of the second, neither of which grows beyond 64 bits.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from shop.domain.points import CENTS, LoyaltyRules


@dataclass(frozen=True, slots=True)
class EarningRate:
    """Points a cent as a fraction in lowest terms, and the smallest subtotal in cents that earns at least one."""

    numerator: int
    denominator: int
    smallest_cents: int


def earning_rate(rules: LoyaltyRules) -> EarningRate | None:
    """How a programme turns cents into points; None when no order earns anything under it."""
    rate = Fraction(rules.points_per_currency_unit) / CENTS
    if not rules.enabled or rate == 0:
        return None
    smallest = max(rules.min_order_subtotal_to_earn_cents, ceil(1 / rate))
    return EarningRate(rate.numerator, rate.denominator, smallest)


def share_in_tenths(part: int, whole: int) -> int:
    """Tenths of a per cent that ``part`` is of ``whole``, rounded half up; 0 of nothing: ``(14, 1000)`` → 14."""
    return (2000 * part + whole) // (2 * whole) if whole else 0
