"""Sort orders of lists, and cursors: where in a sorted list a page ends."""

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Select, and_, case, literal, select, tuple_

from shop.models.base import UtcDateTime
from shop.services.errors import FieldError, InvalidInput

Key = tuple[Any, ...]
"""A row's position in a list: the rank of its section and the values of the sort columns; the id is last."""
FIRST_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
MAX_INT: Final = 2**63


@dataclass(frozen=True, slots=True)
class Section:
    """Rows that come before or after all others regardless of the sort columns; the highest rank is first.

    ``constant`` is the number of sort columns that have the same value in all its rows.
    """

    rank: int = 0
    conditions: tuple[ColumnElement[bool], ...] = ()
    constant: int = 0


@dataclass(frozen=True)
class SortOrder:
    """Columns compared from left to right, the id last, all descending or all ascending.

    Sections must be disjoint, the highest rank first. ``columns`` must not be NULL; ``index_columns`` are the same for
    rows of a section without constants, as an index has them.
    """

    columns: tuple[ColumnElement[Any], ...]
    descending: bool = True
    sections: tuple[Section, ...] = (Section(),)
    index_columns: tuple[ColumnElement[Any], ...] = ()

    def reversed(self) -> "SortOrder":
        """Return the opposite order."""
        return replace(self, descending=not self.descending, sections=self.sections[::-1])

    @cached_property
    def keys(self) -> Select[Any]:
        """The SELECT of rows' keys: the rank of their section and the columns."""
        columns = [column.label(f"key_{place}") for place, column in enumerate(self.columns)]
        return select(self._rank().label("rank"), *columns)

    def _rank(self) -> ColumnElement[int]:
        if len(self.sections) == 1:
            return literal(self.sections[0].rank)
        *upper, lowest = sorted(self.sections, key=lambda section: section.rank, reverse=True)  # the first either way
        return case(*((and_(*one.conditions), one.rank) for one in upper), else_=lowest.rank)

    def past(self, columns: Sequence[ColumnElement[Any]], place: Sequence[Any]) -> ColumnElement[bool]:
        """Return the condition that a row comes after a key."""
        here: Any = columns[0] if len(columns) == 1 else tuple_(*columns)
        there = place[0] if len(columns) == 1 else tuple(place)
        past: ColumnElement[bool] = here < there if self.descending else here > there
        return past

    def sort(self, statement: Select[Any], columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
        """Return the statement ordered by columns."""
        return statement.order_by(*(one.desc() if self.descending else one.asc() for one in columns))


def read_sort(sort: str, names: Iterable[str]) -> tuple[bool, str]:
    """Return whether ``-spent`` or ``spent`` is descending, and its name. Raise `InvalidInput` for an unknown name."""
    name = sort.removeprefix("-")
    if name not in names:
        raise InvalidInput.of(
            "sort", "must be one of %(choices)s, with - before it for descending", choices=", ".join(names)
        )
    return sort != name, name


def write_cursor(sort: str, key: Key) -> str:
    """Return an opaque cursor: valid for lists sorted by ``sort``."""
    values = [value.isoformat() if isinstance(value, datetime) else value for value in key]
    return base64.urlsafe_b64encode(json.dumps([sort, *values]).encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, sort: str, order: SortOrder) -> Key | None:
    """Return the key in a cursor. Raise `InvalidInput` for an invalid cursor or one of another order."""
    if cursor is None:
        return None
    try:
        written: Any = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        kept_sort, rank, *values = written
        if kept_sort != sort or len(values) != len(order.columns):
            raise ValueError
        return (_int(rank), *(_typed(one, column) for one, column in zip(values, order.columns, strict=True)))
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError):
        wrong = FieldError("cursor", "must be the cursor of a page in the same order")
        raise InvalidInput("This page of the list no longer exists. Open the list again.", errors=[wrong]) from None


def _typed(value: Any, column: ColumnElement[Any]) -> Any:
    if isinstance(column.type, Integer):
        return _int(value)
    if not isinstance(value, str) or "\0" in value:
        raise ValueError
    value.encode()
    return datetime.fromisoformat(value).astimezone(UTC) if isinstance(column.type, UtcDateTime) else value


def _int(value: Any) -> int:
    if type(value) is not int or not -MAX_INT < value < MAX_INT:
        raise ValueError
    return value
