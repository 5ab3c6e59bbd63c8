"""A table of time ranges, to sum by in one statement."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CTE, Integer, literal, select, union_all

from shop.models.base import UtcDateTime


def time_ranges(ranges: Sequence[tuple[datetime, datetime]]) -> CTE:
    """Return a table of ``number``, from 0, with ``since`` and ``until`` of at least one range.

    SQLAlchemy would compile ``VALUES`` again for each statement.
    """
    rows = [
        select(
            literal(number, Integer).label("number"),
            literal(since, UtcDateTime()).label("since"),
            literal(until, UtcDateTime()).label("until"),
        )
        for number, (since, until) in enumerate(ranges)
    ]
    return union_all(*rows).cte("part")
