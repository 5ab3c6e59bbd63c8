"""Columns of a list as a file: what is read, and how a value becomes a cell."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement

from shop.domain.money import format_money

Cell = str | int


def N_(label: str) -> str:
    """Mark a label for translation where it is shown; message extraction knows this name."""
    return label


@dataclass(frozen=True, slots=True)
class ExportContext:
    """How the shop writes amounts and times; ``translate`` gives a status word in the reader's language."""

    currency: str
    zone: ZoneInfo
    translate: Callable[[str], str] = str


def text(value: str | None, _context: ExportContext) -> Cell:
    """A text as it is; empty for none."""
    return value or ""


def number(value: int, _context: ExportContext) -> Cell:
    """A whole number."""
    return value


def money(value: int, _context: ExportContext) -> Cell:
    """An amount without a thousands separator."""
    return format_money(value)


def day(value: datetime | None, context: ExportContext) -> Cell:
    """The day in the shop's time zone; empty for none."""
    return value.astimezone(context.zone).date().isoformat() if value else ""


def moment(value: datetime | None, context: ExportContext) -> Cell:
    """The time in the shop's time zone to the second; empty for none."""
    return value.astimezone(context.zone).isoformat(" ", "seconds") if value else ""


def word(value: str | None, context: ExportContext) -> Cell:
    """A status, translated."""
    return context.translate(value) if value else ""


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column of a file. ``label`` is a message id, in which ``%(currency)s`` may stand."""

    label: str
    column: ColumnElement[Any]
    cell: Callable[[Any, ExportContext], Cell] = text

    @property
    def is_checked(self) -> bool:
        """Whether a cell could be a formula: only texts that people typed can."""
        return self.cell is text


def export_cells(
    columns: Sequence[ExportColumn], pages: Iterable[list[tuple[Any, ...]]], context: ExportContext
) -> Iterator[list[Cell]]:
    """Yield the cells of each row of a list."""
    cells = [column.cell for column in columns]
    for page in pages:
        for row in page:
            yield [cell(value, context) for cell, value in zip(cells, row, strict=True)]
