"""Columns of a list's CSV file: what is read, and how a value becomes a cell."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement

from shop.domain.money import format_money

Cell = str | int


def N_(label: str) -> str:
    """Mark a label for translation where it is shown; message extraction knows this name."""
    return label


@dataclass(frozen=True, slots=True)
class ExportContext:
    """How the shop writes amounts and times; ``name_of`` names a stored value in the reader's language."""

    currency: str
    zone: ZoneInfo
    name_of: Callable[[str, str], str]


def text(value: str | None, _context: ExportContext) -> Cell:
    return value or ""


def number(value: int, _context: ExportContext) -> Cell:
    return value


def money(value: int, context: ExportContext) -> Cell:
    """Return an amount without a thousands separator."""
    return format_money(value, context.currency)


def day(value: datetime | None, context: ExportContext) -> Cell:
    """Return the day in the shop's time zone; empty for none."""
    return value.astimezone(context.zone).date().isoformat() if value else ""


def moment(value: datetime | None, context: ExportContext) -> Cell:
    """Return the time in the shop's time zone to the second; empty for none."""
    return value.astimezone(context.zone).isoformat(" ", "seconds") if value else ""


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a status or another stored value, as on the pages; ``kind`` says which."""

    kind: str

    def __call__(self, value: str | None, context: ExportContext) -> Cell:
        return context.name_of(self.kind, value) if value else ""


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column of a file. ``label`` is a message id, which may contain ``%(currency)s``."""

    label: str
    column: ColumnElement[Any]
    cell: Callable[[Any, ExportContext], Cell] = text

    @property
    def is_checked(self) -> bool:
        """Whether a cell could contain a formula: only texts that people typed can."""
        return self.cell not in (number, money, day, moment) and not isinstance(self.cell, Name)


Filters = TypeVar("Filters")


@dataclass(frozen=True, slots=True)
class ListExport(Generic[Filters]):
    """A list as a file: its columns, and a function that reads them for all matching rows, in batches."""

    columns: tuple[ExportColumn, ...]
    stream: Callable[[Filters, list[ColumnElement[Any]]], Iterable[list[tuple[Any, ...]]]]

    def rows(self, filters: Filters, context: ExportContext) -> Iterator[list[Cell]]:
        """Return the cells of each row that matches, in the list's order. May be consumed after the request."""
        pages = self.stream(filters, [column.column for column in self.columns])
        return (self._cells(row, context) for page in pages for row in page)

    def _cells(self, row: tuple[Any, ...], context: ExportContext) -> list[Cell]:
        return [column.cell(value, context) for column, value in zip(self.columns, row, strict=True)]
