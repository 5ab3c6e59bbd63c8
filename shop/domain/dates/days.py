"""Days in a shop's time zone, from midnight to midnight."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def parse_iso_day(text: str) -> date:
    """Return ``1990-04-12`` as a day. Raise ValueError for any other form, such as a week of the year."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise ValueError
    return date.fromisoformat(text)


def day_of(moment: datetime, zone: str) -> date:
    """Return the day of an aware time in a time zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def start_of(day: date, zone: str) -> datetime:
    """Return the first moment of a day in a time zone, aware."""
    return datetime.combine(day, time.min, ZoneInfo(zone))


def end_of(day: date, zone: str) -> datetime:
    """Return the first moment after a day in a time zone, aware; ``date.max`` ends with itself."""
    return start_of(day + timedelta(days=1) if day < date.max else day, zone)
