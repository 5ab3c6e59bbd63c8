"""Durations as ISO 8601 writes them: ``P13M``, ``P1Y2M3DT4H``, ``PT30M``."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo

FORM: Final = re.compile(
    r"P(?=[0-9T])(?:(?P<years>[0-9]{1,4})Y)?(?:(?P<months>[0-9]{1,5})M)?(?:(?P<weeks>[0-9]{1,5})W)?"
    r"(?:(?P<days>[0-9]{1,6})D)?(?:T(?=[0-9])(?:(?P<hours>[0-9]{1,7})H)?(?:(?P<minutes>[0-9]{1,8})M)?"
    r"(?:(?P<seconds>[0-9]{1,9})S)?)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Duration:
    """Calendar months and days, and exact seconds."""

    months: int = 0
    days: int = 0
    seconds: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a duration. Raise ValueError for a text that is none."""
        found = FORM.fullmatch(text)
        if found is None:
            raise ValueError("must be a duration such as P13M, P1Y, P7D or PT12H")
        part = {name: int(digits or 0) for name, digits in found.groupdict().items()}
        return cls(
            part["years"] * 12 + part["months"],
            part["weeks"] * 7 + part["days"],
            (part["hours"] * 60 + part["minutes"]) * 60 + part["seconds"],
        )

    def after(self, moment: datetime, zone: str) -> datetime:
        """Return a moment that much later, in UTC. Months and days keep the time of day in the zone.

        31 January and a month is the last day of February. Raise ValueError beyond the year 9999.
        """
        local = moment.astimezone(ZoneInfo(zone))
        count = local.year * 12 + local.month - 1 + self.months
        try:
            year, month = count // 12, count % 12 + 1
            moved = local.replace(year=year, month=month, day=min(local.day, monthrange(year, month)[1]))
            return (moved + timedelta(days=self.days)).astimezone(UTC) + timedelta(seconds=self.seconds)
        except (OverflowError, ValueError):
            raise ValueError("is too long") from None
