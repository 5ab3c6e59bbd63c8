"""CSV files for spreadsheets: streamed, marked as UTF-8, and guarded against formulas."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from flask import Response, stream_with_context

from shop.domain.text.spreadsheets import FORMULA, escape_formula

BYTE_ORDER_MARK = "\ufeff"
ROWS_AT_ONCE = 2_000


def csv_response(
    name: str, head: Sequence[str], rows: Iterable[Sequence[str | int]], *, plain: Sequence[int] = ()
) -> Response:
    """Return a download that is streamed while its rows are read. ``plain`` is as in `csv_lines`."""
    return Response(
        stream_with_context(csv_lines(head, rows, plain=plain)),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[str | int]], *, plain: Sequence[int] = ()) -> Iterator[str]:
    """Yield the file in batches of some thousand rows.

    ``plain`` are the columns, counted from 0, with numbers, times and our own texts, which need no guard against
    formulas.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    out.write(BYTE_ORDER_MARK)
    writer.writerow(head)
    checked = [number for number in range(len(head)) if number not in plain]
    following = iter(rows)
    while piece := list(islice(following, ROWS_AT_ONCE)):
        writer.writerows([_checked(row, checked) for row in piece])
        yield _taken(out)
    yield _taken(out)


def _checked(row: Sequence[str | int], columns: Sequence[int]) -> Sequence[str | int]:
    changed: list[str | int] | None = None
    for number in columns:
        cell = row[number]
        if isinstance(cell, str) and FORMULA.match(cell):
            changed = list(row) if changed is None else changed
            changed[number] = escape_formula(cell)
    return row if changed is None else changed


def _taken(out: io.StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text
