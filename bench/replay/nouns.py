"""The replay's objects: lines, baskets, and steps. Money is in cents."""

from dataclasses import dataclass
from datetime import datetime


class CannotReplay(RuntimeError):
    """The run is not possible with these data or on this machine; the message has the reason."""


@dataclass(frozen=True, slots=True)
class BasketLine:
    """A sold article with the price paid."""

    sku: str
    name: str
    cents: int


@dataclass(frozen=True, slots=True)
class Basket:
    """One purchase of a household. ``coupon_cents`` is what manufacturers' coupons paid."""

    id: int
    household: int
    sold_at: datetime
    coupon_cents: int
    lines: tuple[BasketLine, ...]

    @property
    def subtotal_cents(self) -> int:
        """Return the sum of the lines."""
        return sum(line.cents for line in self.lines)


@dataclass(frozen=True, slots=True)
class Truth:
    """The expected sums of a basket; ``coupon_cents`` is at most the subtotal."""

    household: int
    subtotal_cents: int
    coupon_cents: int


@dataclass(frozen=True, slots=True)
class ReplayStep:
    """A step with a basket: ``record``, ``redeem`` (with points), ``pay`` or ``cancel``."""

    what: str
    basket: int
    points: int = 0
    balance_before: int = 0
