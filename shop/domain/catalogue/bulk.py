"""Bulk changes of prices or stock."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from shop.domain.customers.bulk import BulkOutcome
from shop.domain.money import MAX_CENTS

HUNDRED_PERCENT: Final = 10_000
MAX_PERCENT: Final = 100_000
"""1,000 per cent."""
MAX_PIECES: Final = 1_000_000_000
ROUNDINGS: Final = (1, 100, 500, 1000)
"""Minor units that prices can be rounded to."""


class ProductBulkKind(StrEnum):
    """The changed value."""

    PRICE = "price"
    STOCK = "stock"


class ChangeWay(StrEnum):
    """How a number is changed; percentages are in hundredths of a per cent."""

    SET = "set"
    RAISE = "raise"
    LOWER = "lower"
    RAISE_PERCENT = "raise_percent"
    LOWER_PERCENT = "lower_percent"

    @property
    def is_percentage(self) -> bool:
        """Whether the amount is a percentage."""
        return self in (ChangeWay.RAISE_PERCENT, ChangeWay.LOWER_PERCENT)


@dataclass(frozen=True, slots=True)
class NumberChange:
    """A change of prices in minor units, or of stock in pieces; rounded half up to a multiple of ``round_to``."""

    kind: ProductBulkKind
    way: ChangeWay
    amount: int
    round_to: int = 1

    def to_json(self) -> dict[str, Any]:
        """Return the change as it is stored with the action."""
        return {"way": str(self.way), "amount": self.amount, "round_to": self.round_to}

    @classmethod
    def from_json(cls, kind: str, kept: dict[str, Any]) -> Self:
        """Return the change that was stored."""
        return cls(ProductBulkKind(kind), ChangeWay(kept["way"]), kept["amount"], kept["round_to"])

    @property
    def most(self) -> int:
        """The largest value that may come out."""
        return MAX_CENTS if self.kind == ProductBulkKind.PRICE else MAX_PIECES

    def after(self, value: int | None) -> int | None:
        """Return the value after the change, which may be out of range. Stock that is not counted stays None."""
        if self.way == ChangeWay.SET:
            return self.amount
        if value is None:
            return None
        return self._rounded(value)

    def _rounded(self, value: int) -> int:
        sign = -1 if self.way in (ChangeWay.LOWER, ChangeWay.LOWER_PERCENT) else 1
        if self.way.is_percentage:
            scaled, divisor = value * (HUNDRED_PERCENT + sign * self.amount), HUNDRED_PERCENT
        else:
            scaled, divisor = value + sign * self.amount, 1
        step = divisor * self.round_to
        return (2 * scaled + step) // (2 * step) * self.round_to

    def outcome(self, values: Sequence[int | None]) -> BulkOutcome:
        """Return what the change does to a product whose articles have some values.

        It is refused as a whole if one of them would be out of range.
        """
        if any(map(self.is_out_of_range, values)):
            return BulkOutcome.REFUSED
        return BulkOutcome.SKIPPED if [self.after(value) for value in values] == list(values) else BulkOutcome.CHANGED

    def is_out_of_range(self, value: int | None) -> bool:
        """Return whether the change is refused for a value."""
        after = self.after(value)
        return after is not None and not 0 <= after <= self.most
