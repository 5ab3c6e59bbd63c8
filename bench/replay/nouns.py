"""What the replay talks about: lines, baskets, and the steps that are taken with them. Money in cents."""

from dataclasses import dataclass
from datetime import datetime


class CannotReplay(RuntimeError):
    """What was asked for cannot be done with these data or on this machine; the sentence says why."""


@dataclass(frozen=True, slots=True)
class BasketLine:
    """An article as it was sold, at what was paid for it."""

    sku: str
    name: str
    cents: int


@dataclass(frozen=True, slots=True)
class Basket:
    """What a household carried home at once. ``coupon_cents`` is what the makers' coupons paid of it."""

    id: int
    household: int
    sold_at: datetime
    coupon_cents: int
    lines: tuple[BasketLine, ...]

    @property
    def subtotal_cents(self) -> int:
        """The sum of the lines."""
        return sum(line.cents for line in self.lines)


@dataclass(frozen=True, slots=True)
class Truth:
    """A basket as the files sum it up; ``coupon_cents`` is never more than the subtotal."""

    household: int
    subtotal_cents: int
    coupon_cents: int


@dataclass(frozen=True, slots=True)
class ReplayStep:
    """One thing that happens to a basket: ``record``, ``redeem`` (with points), ``pay`` or ``cancel``."""

    what: str
    basket: int
    points: int = 0
    balance_before: int = 0
