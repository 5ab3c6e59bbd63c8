"""Rounding rules that turn exact numbers into whole points and cents; stored with each order."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from fractions import Fraction
from math import floor
from typing import Final


class Rounding(StrEnum):
    """A rounding rule. Whole numbers are unchanged, and rounding is monotonic."""

    DOWN = "down"

    def whole(self, exact: Fraction) -> int:
        """Return the exact number rounded."""
        return _WHOLE[self](exact)


_WHOLE: Final[Mapping[Rounding, Callable[[Fraction], int]]] = {Rounding.DOWN: floor}
EVEN_PERIOD: Final = 2
"""All rounding rules satisfy ``whole(x + 2n) == whole(x) + 2n``, also rounding half to even."""


def at_most(exact: Fraction) -> int:
    """Return the largest whole number up to a limit, whatever the rounding rule."""
    return floor(exact)
