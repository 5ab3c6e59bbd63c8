"""Lists as CSV, for spreadsheets: streamed, with a mark that says UTF-8, and nothing in them that runs."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

MARK = "\ufeff"
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
AT_ONCE = 500


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[str | int]]) -> Iterator[str]:
    """The file, some hundred rows at a time. A text that a spreadsheet would take for a formula gets an apostrophe."""
    out = io.StringIO()
    write = csv.writer(out).writerow
    out.write(MARK)
    write(head)
    for number, row in enumerate(rows, 1):
        write([harmless(cell) if isinstance(cell, str) else cell for cell in row])
        if number % AT_ONCE == 0:
            yield _taken(out)
    yield _taken(out)


def harmless(text: str) -> str:
    """``=1+1`` → ``'=1+1``: what begins like a formula, as a text."""
    return f"'{text}" if text.startswith(FORMULAS) else text


def _taken(out: io.StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text
