"""Lists as CSV, for spreadsheets: streamed, with a mark that says UTF-8, and nothing in them that runs."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

MARK = "\ufeff"
FORMULAS = frozenset("=+-@\t\r\n")
AT_ONCE = 2_000


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[str | int]], *, plain: Sequence[int] = ()) -> Iterator[str]:
    """The file, some thousand rows at a time. A text that a spreadsheet would take for a formula gets an apostrophe.

    ``plain`` are the columns, counted from 0, that hold numbers, times and words of ours, which are not looked at.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    out.write(MARK)
    writer.writerow(head)
    looked_at = [number for number in range(len(head)) if number not in plain]
    following = iter(rows)
    while piece := list(islice(following, AT_ONCE)):
        writer.writerows([_harmless(row, looked_at) for row in piece])
        yield _taken(out)
    yield _taken(out)


def _harmless(row: Sequence[str | int], looked_at: Sequence[int]) -> Sequence[str | int]:
    for number in looked_at:
        cell = row[number]
        if isinstance(cell, str) and cell and cell[0] in FORMULAS:
            return [
                harmless(cell) if isinstance(cell, str) and at in looked_at else cell for at, cell in enumerate(row)
            ]
    return row


def harmless(text: str) -> str:
    """``=1+1`` → ``'=1+1``: what begins like a formula, as a text."""
    return f"'{text}" if text[:1] in FORMULAS else text


def _taken(out: io.StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text
