"""What every matter that needs attention has in common: its first rows, and how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

SHOWN: Final = 5
COUNTED: Final = 200
"""Of each matter at most so many are counted; then there are "200 and more"."""
LOOKED_BACK_DAYS: Final = 30
"""How far back orders without their points and shortfalls are looked for."""

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Found(Generic[Row]):
    """The first rows of a matter, how many there are, and the points they are about. Empty is false."""

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
    """Return the first of the rows, with the points of all."""
    return Found(rows[:SHOWN], len(rows), sum(row.points for row in rows))
