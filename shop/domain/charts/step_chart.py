"""Balances as a step chart, in the units of a fixed box (integers and tenths)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH, HEIGHT = 680, 148
LABELS = 5


@dataclass(frozen=True, slots=True)
class Curve:
    """A step chart: SVG paths in a box of 680 × 148, the values of its grid lines from the top, and its days."""

    line: str
    area: str
    dot: str
    grid: tuple[tuple[int, str], ...]
    """Value and position."""
    days: tuple[date, ...]
    first: date
    last: date
    highest: int
    highest_on: date
    now: int


def draw_steps(closes: Mapping[date, int], first: date, last: date, opening: int) -> Curve:
    """Return the chart of each day's closing balance from ``first`` to ``last``; other days keep the balance before."""
    days = (last - first).days
    steps = _steps(closes, first, last, opening)
    top, lines = even_grid(max(value for _, value in steps))

    def across(day: date) -> str:
        return tenths((day - first).days * WIDTH * 10, days or 1)

    def up(value: int) -> str:
        return tenths((top - value) * HEIGHT * 10, top)

    path = f"M0 {up(steps[0][1])}"
    for day, value in steps[1:]:
        path += f"H{across(day)}V{up(value)}"
    path += f"H{WIDTH}"
    highest_on, highest = max(steps, key=lambda step: step[1])
    return Curve(
        line=path,
        area=f"{path}V{HEIGHT}H0Z",
        dot=f"M{WIDTH} {up(steps[-1][1])}h0",
        grid=tuple((value, up(value)) for value in lines),
        days=_labelled(first, days),
        first=first,
        last=last,
        highest=highest,
        highest_on=highest_on,
        now=steps[-1][1],
    )


def _steps(closes: Mapping[date, int], first: date, last: date, opening: int) -> list[tuple[date, int]]:
    """Return the first day, and each day whose close differs from the one before."""
    steps = [(first, closes.get(first, opening))]
    for day in sorted(day for day in closes if first < day <= last):
        if closes[day] != steps[-1][1]:
            steps.append((day, closes[day]))
    return steps


def even_grid(highest: int) -> tuple[int, list[int]]:
    """Return a round number at or above the highest value, and two to four even grid values from there to 0."""
    step = 1
    while step * 4 < highest:
        digits = str(step)[0]
        step = step * 5 // 2 if digits == "2" else step * 2
    count = max(1, -(-highest // step))
    return step * count, [step * number for number in range(count, -1, -1)]


def _labelled(first: date, days: int) -> tuple[date, ...]:
    """Return up to five days, evenly spaced, with the first and the last."""
    count = min(LABELS, days + 1)
    if count == 1:
        return (first,)
    return tuple(first + timedelta(days=number * days // (count - 1)) for number in range(count))


def tenths(ten_times: int, divisor: int) -> str:
    """Return a quotient with one decimal, rounded down; ``dividend`` is given times ten."""
    whole, rest = divmod(ten_times // divisor, 10)
    return f"{whole}.{rest}"
