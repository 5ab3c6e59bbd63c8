"""Times and days in requests."""

import re
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)

_SPACE_FOR_PLUS = re.compile(r"(.*T.*) (\d{2}:?\d{2})", re.ASCII)


def _time_text(raw: Any) -> Any:
    """Refuse numbers, which would be read as seconds since 1970; a ``+`` that a URL has as such arrives as a space."""
    if isinstance(raw, datetime):
        return raw
    if not (isinstance(raw, str) and re.match(r"\d{4}-", raw)):
        raise ValueError("must be a time with its zone such as 2026-01-15T10:00:00Z")
    return _SPACE_FOR_PLUS.sub(r"\1+\2", raw) if len(raw) < 40 else raw


def _storable(moment: datetime) -> datetime:
    if not FIRST_MOMENT <= moment < END_OF_TIME:
        raise ValueError("must be in the years 1970 to 2099")
    return moment


FIRST_MOMENT, END_OF_TIME = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
MomentIn = Annotated[
    AwareDatetime,
    BeforeValidator(_time_text),
    AfterValidator(_storable),
    Field(
        description="A time with its zone, in the years 1970 to 2099.",
        examples=["2026-01-15T10:00:00Z"],
    ),
]


def _day_or_time(raw: Any, read_time: ValidatorFunctionWrapHandler) -> Any:
    """Read a day without a time as a `date`."""
    try:
        if isinstance(raw, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", raw):
            return date.fromisoformat(raw)
        return read_time(raw)
    except ValueError:  # pydantic's errors too, which would ask for a time alone
        raise ValueError(
            "must be a day such as 2026-01-15 or a time with its zone such as 2026-01-15T10:00:00Z"
        ) from None


def _storable_limit(limit: date) -> date:
    _storable(limit if isinstance(limit, datetime) else datetime.combine(limit, time(), UTC))
    return limit


DayOrMomentIn = Annotated[
    AwareDatetime,
    BeforeValidator(_time_text),
    WrapValidator(_day_or_time),
    AfterValidator(_storable_limit),
    Field(description="A day, or a time with its zone, in the years 1970 to 2099."),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}],
            "examples": ["2026-01-15T10:00:00Z", "2026-01-15"],
        }
    ),
]
"""A time with its zone, or a `date` for a whole day in the shop's time zone."""
