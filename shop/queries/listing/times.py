"""Time filters of a list: exact times, or whole days in the shop's time zone."""

from datetime import date, datetime

from shop.domain.dates.days import end_of, start_of
from shop.services.shops.settings import get_settings


def time_from(limit: date | None) -> datetime | None:
    """Return the inclusive start: a time itself, or the beginning of a day in the shop's time zone."""
    if limit is None or isinstance(limit, datetime):
        return limit
    return start_of(limit, get_settings().values["shop_timezone"])


def time_until(limit: date | None) -> datetime | None:
    """Return the exclusive end: a time itself, or the end of a day in the shop's time zone."""
    if limit is None or isinstance(limit, datetime):
        return limit
    return end_of(limit, get_settings().values["shop_timezone"])
