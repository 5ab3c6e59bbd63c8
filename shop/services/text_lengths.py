"""Texts longer than their column are refused on both engines: SQLite would store them, PostgreSQL fail."""

from functools import cache
from typing import Any

from sqlalchemy import Connection, String, event
from sqlalchemy.orm import Mapper

from shop.domain.text.cleaning import clean_line, clean_text
from shop.models.base import Base
from shop.services.errors import InvalidInput


def read_line(field: str, raw: str, longest: int) -> str:
    """Return single-line text, cleaned. Raise InvalidInput for control characters and for a longer one."""
    try:
        text = clean_line(raw)
    except ValueError as wrong:
        raise InvalidInput.of(field, str(wrong)) from None
    return _short(field, text, longest)


def read_lines(field: str, raw: str, longest: int) -> str:
    """Return text of several lines, cleaned. Raise InvalidInput for control characters and for a longer one."""
    try:
        text = clean_text(raw)
    except ValueError as wrong:
        raise InvalidInput.of(field, str(wrong)) from None
    return _short(field, text, longest)


def _short(field: str, text: str, longest: int) -> str:
    if len(text) > longest:
        raise InvalidInput.of(field, "must have at most %(limit)s characters", limit=longest)
    return text


@cache
def _limits(mapper: Mapper[Any]) -> tuple[tuple[str, int], ...]:
    """Return the attributes of a model that have a longest length, with it."""
    columns = ((attribute.key, attribute.columns[0].type) for attribute in mapper.column_attrs)
    return tuple((key, kind.length) for key, kind in columns if isinstance(kind, String) and kind.length)


def check_lengths(mapper: Mapper[Any], _connection: Connection, row: Base) -> None:
    """Raise InvalidInput that names a text of a row that is longer than its column."""
    for name, longest in _limits(mapper):
        text = row.__dict__.get(name)
        if isinstance(text, str):
            _short(name, text, longest)


def watch_lengths() -> None:
    """Check every row that the ORM writes."""
    for change in ("before_insert", "before_update"):
        if not event.contains(Base, change, check_lengths):
            event.listen(Base, change, check_lengths, propagate=True)
