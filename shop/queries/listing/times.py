"""Time filters of a list: exact times, or whole days in the shop's time zone."""

from datetime import date, datetime

from shop.domain.dates.days import end_of, start_of
from shop.services.shops.settings import get_settings


def time_from(limit: date | None) -> datetime | None:
    """Return the inclusive start, as :func:`start_time`; None if there is no limit."""
    return None if limit is None else start_time(limit)


def time_until(limit: date | None) -> datetime | None:
    """Return the exclusive end, as :func:`end_time`; None if there is no limit."""
    return None if limit is None else end_time(limit)


def start_time(limit: date) -> datetime:
    """Return a time itself, or the beginning of a day in the shop's time zone."""
    return limit if isinstance(limit, datetime) else start_of(limit, get_settings().values["shop_timezone"])


def end_time(limit: date) -> datetime:
    """Return a time itself, or the end of a day in the shop's time zone."""
    return limit if isinstance(limit, datetime) else end_of(limit, get_settings().values["shop_timezone"])
