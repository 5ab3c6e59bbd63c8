"""Days as a shop counts them: midnight to midnight in its own time zone."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def day_of(moment: datetime, zone: str) -> date:
    """The day on which an aware time falls in a time zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def start_of(day: date, zone: str) -> datetime:
    """The first moment of a day in a time zone, aware."""
    return datetime.combine(day, time.min, ZoneInfo(zone))


def end_of(day: date, zone: str) -> datetime:
    """The first moment after a day in a time zone, aware; the last day there is ends with itself."""
    return start_of(day + timedelta(days=1) if day < date.max else day, zone)
