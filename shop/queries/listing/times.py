"""Limits of a list in time: times as they are, days as the shop's whole days."""

from datetime import date, datetime

from shop.domain.dates.days import end_of, start_of
from shop.services.shops.settings import get_settings


def time_from(limit: date | None) -> datetime | None:
    """Return the first moment that a list has: a time itself, or the beginning of a day in the shop's time zone."""
    if limit is None or isinstance(limit, datetime):
        return limit
    return start_of(limit, get_settings().values["shop_timezone"])


def time_until(limit: date | None) -> datetime | None:
    """Return the first moment after a list: a time itself, or the end of a day in the shop's time zone."""
    if limit is None or isinstance(limit, datetime):
        return limit
    return end_of(limit, get_settings().values["shop_timezone"])
