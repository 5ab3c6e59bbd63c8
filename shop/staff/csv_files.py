"""Lists as CSV, for spreadsheets: streamed, with a mark that says UTF-8, and nothing in them that runs."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

MARK = "\ufeff"
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
AT_ONCE = 2_000


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[str | int]]) -> Iterator[str]:
    """The file, some thousand rows at a time. A text that a spreadsheet would take for a formula gets an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    out.write(MARK)
    writer.writerow(head)
    following = iter(rows)
    while piece := list(islice(following, AT_ONCE)):
        writer.writerows([_harmless(row) for row in piece])
        yield _taken(out)
    yield _taken(out)


def _harmless(row: Sequence[str | int]) -> list[str | int]:
    return [f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULAS) else cell for cell in row]


def harmless(text: str) -> str:
    """``=1+1`` → ``'=1+1``: what begins like a formula, as a text."""
    return f"'{text}" if text.startswith(FORMULAS) else text


def _taken(out: io.StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text
