"""The common part of all alerts: the first rows, and how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

SHOWN: Final = 5
COUNTED: Final = 200
"""Rows counted for an alert; beyond, the page says "200 and more"."""
LOOKED_BACK_DAYS: Final = 30
"""How far back orders without points and shortfalls are searched."""

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Found(Generic[Row]):
    """An alert's first rows, their number, and the sum of their points. False if empty."""

    rows: Sequence[Row] = ()
    count: int = 0
    points: int = 0

    def __bool__(self) -> bool:
        return self.count > 0

    @property
    def is_many(self) -> bool:
        """Whether there may be more than were counted."""
        return self.count >= COUNTED


def sum_points(rows: Sequence[Any]) -> Found[Any]:
    """Return the first of the rows, with the sum of all points."""
    return Found(rows[:SHOWN], len(rows), sum(row.points for row in rows))
