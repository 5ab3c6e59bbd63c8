"""Stretches of days that figures are shown for, cut into parts for a chart."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

SPANS: Final = ("30d", "13w", "1y")
"""30 days by day, 13 weeks by week (from Mondays on), a year by month; each ends with today."""
DAYS, WEEKS, MONTHS = 30, 13, 12


@dataclass(frozen=True, slots=True)
class Part:
    """Some days, ``first`` and ``last`` included."""

    first: date
    last: date


def parts_of(span: str, today: date) -> list[Part]:
    """The parts of one of :data:`SPANS`, oldest first; the last one is cut off at ``today``. KeyError for another."""
    starts = {"30d": _days, "13w": _weeks, "1y": _months}[span](today)
    ends = [start - timedelta(days=1) for start in starts[1:]]
    return [Part(first, last) for first, last in zip(starts, [*ends, today], strict=True)]


def before(parts: list[Part]) -> Part:
    """As many days as all parts have together, right before them."""
    first, last = parts[0].first, parts[-1].last
    return Part(first - (last - first) - timedelta(days=1), first - timedelta(days=1))


def month_of(day: date) -> Part:
    """The calendar month that a day is in."""
    first = day.replace(day=1)
    return Part(first, first_of_next(first) - timedelta(days=1))


def first_of_next(day: date) -> date:
    """The first day of the month after a day's."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def _days(today: date) -> list[date]:
    return [today - timedelta(days=number) for number in range(DAYS - 1, -1, -1)]


def _weeks(today: date) -> list[date]:
    monday = today - timedelta(days=today.weekday())
    return [monday - timedelta(weeks=number) for number in range(WEEKS - 1, -1, -1)]


def _months(today: date) -> list[date]:
    starts = [today.replace(day=1)]
    while len(starts) < MONTHS:
        starts.append((starts[-1] - timedelta(days=1)).replace(day=1))
    return starts[::-1]
