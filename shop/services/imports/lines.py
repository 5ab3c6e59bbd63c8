"""The rows of an import for display."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from shop.db.session import db
from shop.db.tenant import current_shop_id, in_shop
from shop.domain.imports.cells import is_nothing
from shop.domain.statuses import ImportVerdict, UndoResult
from shop.domain.text.messages import Translatable, loads
from shop.models import Import, ImportLine
from shop.services.imports.records import get_import

AT_ONCE: Final = 500
TEXTS: Final = frozenset(
    {"name", "first_name", "last_name", "area", "tags", "description", "categories", "external_id", "sku"}
)
"""Fields of free text, where only a dash is no value."""


@dataclass(frozen=True, slots=True)
class LineView:
    """A row of an import: cells by the names of their fields, as in the file, and its verdict."""

    number: int
    verdict: str | None
    field: str
    message: Translatable
    cells: dict[str, str]
    raw: list[str]
    subject_id: int | None
    undone: str | None


def list_lines(
    import_id: int, verdict: str | None, *, page: int, limit: int, undone: UndoResult | None = None
) -> tuple[list[LineView], int]:
    """Return a page of an import's rows, optionally with one verdict, and how many there are. Raise NotFound."""
    found = get_import(import_id)
    row = ImportLine
    conditions = [row.import_id == import_id, *([row.verdict == verdict] if verdict else [])]
    conditions += [row.undone == undone] if undone else []
    total = db.session.scalars(select(func.count(row.id)).where(*conditions)).one()
    lines = select(row).where(*conditions).order_by(row.number).offset((page - 1) * limit).limit(limit)
    return [view_line(line, found) for line in db.session.scalars(lines)], total


def stream_lines(import_id: int, verdict: ImportVerdict) -> Iterator[LineView]:
    """Yield the rows of an import with a verdict, by number. May be consumed after the request. Raise NotFound."""
    get_import(import_id)
    return _stream(import_id, verdict, current_shop_id())


def _stream(import_id: int, verdict: ImportVerdict, shop_id: int) -> Iterator[LineView]:
    row, last = ImportLine, 0
    while True:
        with in_shop(shop_id):
            found = get_import(import_id)
            rows = select(row).where(row.import_id == import_id, row.verdict == verdict, row.number > last)
            lines = [view_line(line, found) for line in db.session.scalars(rows.order_by(row.number).limit(AT_ONCE))]
            db.session.rollback()
        if not lines:
            return
        yield from lines
        last = lines[-1].number


def view_line(line: ImportLine, found: Import) -> LineView:
    """Return a row of an import as it is shown."""
    raw = [] if isinstance(line.cells, dict) else line.cells
    message, cells = loads(line.message), cells_of(line, found)
    return LineView(line.number, line.verdict, line.field, message, cells, raw, line.subject_id, line.undone)


def cells_of(line: ImportLine, found: Import) -> dict[str, str]:
    """Return the cells of a row by the names of their fields; empty for a mark of no value, such as a dash."""
    if isinstance(line.cells, dict):  # the format of rows imported by JSON before files could be
        return line.cells
    cells = zip(found.mapping, line.cells, strict=False)
    return {name: "" if is_nothing(cell, is_text=_is_text(name)) else cell for name, cell in cells if name}


def _is_text(field: str) -> bool:
    return field in TEXTS or "." in field  # a field of the shop's own
