"""Date ranges of reports, divided into the parts of a chart."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

SPANS: Final = ("30d", "13w", "1y")
"""30 days by day, 13 weeks by week (from Mondays on), a year by month; each ends with today."""
DAYS, WEEKS, MONTHS = 30, 13, 12


@dataclass(frozen=True, slots=True)
class Part:
    """A range of days; ``first`` and ``last`` are included."""

    first: date
    last: date


def parts_of(span: str, today: date) -> list[Part]:
    """Return the parts of one of :data:`SPANS`, oldest first; the last one ends today. Raise KeyError for another."""
    starts = {"30d": _days, "13w": _weeks, "1y": _months}[span](today)
    ends = [start - timedelta(days=1) for start in starts[1:]]
    return [Part(first, last) for first, last in zip(starts, [*ends, today], strict=True)]


def before(parts: list[Part]) -> Part:
    """Return the range of equal length right before the parts."""
    first, last = parts[0].first, parts[-1].last
    return Part(first - (last - first) - timedelta(days=1), first - timedelta(days=1))


def month_of(day: date) -> Part:
    """Return the calendar month of a day."""
    first = day.replace(day=1)
    return Part(first, first_of_next(first) - timedelta(days=1))


def first_of_next(day: date) -> date:
    """Return the first day of the next month."""
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
