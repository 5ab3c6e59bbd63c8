"""How exact numbers become whole points and whole cents: a value of the rules, kept with each order."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from fractions import Fraction
from math import floor
from typing import Final


class Rounding(StrEnum):
    """A rounding rule. Whole numbers stay as they are, and a larger number is never rounded to a smaller one."""

    DOWN = "down"

    def whole(self, exact: Fraction) -> int:
        """Return the exact number rounded."""
        return _WHOLE[self](exact)


_WHOLE: Final[Mapping[Rounding, Callable[[Fraction], int]]] = {Rounding.DOWN: floor}
EVEN_PERIOD: Final = 2
"""Every rounding rule gives ``whole(x + 2n) == whole(x) + 2n``, also one that rounds halves to even numbers."""


def at_most(exact: Fraction) -> int:
    """Return the largest whole number that is not above a limit, whatever the rounding rule."""
    return floor(exact)
