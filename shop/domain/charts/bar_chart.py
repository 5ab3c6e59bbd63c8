"""Pairs of bars side by side, in the units of a fixed box (integers and tenths)."""

from collections.abc import Sequence
from dataclasses import dataclass

from shop.domain.charts.step_chart import even_grid, tenths

WIDTH, HEIGHT = 650, 200
LABELS = 5


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar's position and height."""

    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Bars:
    """A drawn chart: a pair of bars for each pair of numbers, grid lines from the top, and which pairs get a label."""

    pairs: tuple[tuple[Bar, Bar], ...]
    grid: tuple[tuple[int, str], ...]
    labelled: tuple[int, ...]


def draw_bars(pairs: Sequence[tuple[int, int]]) -> Bars:
    """Return the chart of one or more pairs of non-negative numbers in a box of 650 × 200."""
    top, lines = even_grid(max(1, *(max(pair) for pair in pairs)))
    slot = WIDTH * 10 // len(pairs)  # in tenths
    gap, width = slot * 16 // 100, slot * 32 // 100

    def bar(number: int, start: int) -> Bar:
        height = number * HEIGHT * 10 // top
        return Bar(tenths(start, 1), tenths(HEIGHT * 10 - height, 1), tenths(width, 1), tenths(height, 1))

    return Bars(
        pairs=tuple(
            (bar(first, place * slot + gap), bar(second, place * slot + gap + width + slot * 4 // 100))
            for place, (first, second) in enumerate(pairs)
        ),
        grid=tuple((value, tenths((top - value) * HEIGHT * 10, top)) for value in lines),
        labelled=_spread(len(pairs)),
    )


def _spread(count: int) -> tuple[int, ...]:
    """Return up to five indexes below ``count``, evenly spaced, with the first and the last."""
    labels = min(LABELS, count)
    return tuple(number * (count - 1) // max(1, labels - 1) for number in range(labels))
