"""Rows of a CSV or Excel file, read one at a time, in common encodings and separators."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import IO, Final

from shop.services.errors import InvalidInput

SEPARATORS: Final = ",;\t|"
MAX_ROWS: Final = 100_000
MAX_COLUMNS: Final = 100
MAX_CELL: Final = 10_000
CHUNK: Final = 64 * 1024
UNREADABLE: Final = "\x1a"
"""The control character SUBSTITUTE, in place of what is no character: the cells that have it are refused."""
END: Final = f"{UNREADABLE}end"
"""A last row that shows whether the row before it had an end."""
BYTE_ORDER_MARKS: Final = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF8: "utf-8-sig",
}
OTHER_FILES: Final = (b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG", b"\xff\xd8\xff")
"""The first bytes of old Excel files, PDFs and pictures."""
_SEPARATOR_LINE: Final = re.compile(rf"sep=([{SEPARATORS}])\s*", re.IGNORECASE)
"""A first line in which Excel is told the separator."""
_ESCAPED: Final = re.compile("[\udc80-\udcff]")
_NOT_ASCII: Final = re.compile("[^\0-\x7f]")
Row = list[str]


def _substitute(problem: UnicodeError) -> tuple[str, int]:
    if not isinstance(problem, UnicodeDecodeError):
        raise problem
    return UNREADABLE, problem.end


codecs.register_error("tuza.substitute", _substitute)


def read_rows(file: IO[bytes]) -> Iterator[Row]:
    """Yield the rows of a file, starting with the first non-empty one. Raise InvalidInput for an unreadable file."""
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    if start.startswith(OTHER_FILES):
        raise InvalidInput.of("file", "must be a CSV or Excel file (.xlsx), not an old Excel file, PDF or picture")
    rows = _excel_rows(file) if start == b"PK\x03\x04" else _csv_rows(file)
    is_first = True
    for number, row in enumerate(rows, 1):
        if is_first and not any(cell.strip(f"{SEPARATORS} ") for cell in row):
            continue
        is_first = False
        yield _whole(row, number)


def _whole(row: Row, number: int) -> Row:
    """Return a row without empty columns past the last. Raise InvalidInput rather than cut off a cell or a column."""
    if any(row[MAX_COLUMNS:]):
        raise InvalidInput.of("file", "has more than %(limit)s columns in row %(row)s", limit=MAX_COLUMNS, row=number)
    if any(len(cell) > MAX_CELL for cell in row):
        raise _too_long(number)
    return row[:MAX_COLUMNS]


def _too_long(number: int) -> InvalidInput:
    return InvalidInput.of(
        "file", "has a cell of more than %(limit)s characters in row %(row)s", limit=MAX_CELL, row=number
    )


def _csv_rows(file: IO[bytes]) -> Iterator[Row]:
    """Yield the rows. Raise InvalidInput for a quote that is not closed: the rest of the file would be one cell."""
    text = io.TextIOWrapper(file, encoding=_encoding(file), errors="tuza.substitute", newline="")
    lines = (line.replace("\0", UNREADABLE) for line in text)
    first = list(islice(lines, 20))
    told = _SEPARATOR_LINE.fullmatch(first[0]) if first else None
    rows = csv.reader(
        chain(first[1:] if told else first, lines, [END]), delimiter=told[1] if told else _separator(first)
    )
    number = 0
    try:
        for number, row in enumerate(rows, 1):
            if row == [END]:
                return
            if row and row[-1].endswith(END):
                raise InvalidInput.of("file", "has a quote in row %(row)s that is not closed", row=number)
            yield row
    except csv.Error:
        raise _too_long(number + 1) from None
    finally:
        if not file.closed:
            text.detach()


def _encoding(file: IO[bytes]) -> str:
    """Return the encoding by the byte order mark, UTF-16 by its zeros, UTF-8 if that is what most of it is, else
    Windows-1252.
    """
    start = file.read(CHUNK)
    file.seek(0)
    known = next((name for mark, name in BYTE_ORDER_MARKS.items() if start.startswith(mark)), _utf_16(start))
    if known:
        return known
    good = bad = 0
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    while chunk := file.read(CHUNK):
        text = decoder.decode(chunk)
        if not text.isascii():
            wrong = len(_ESCAPED.findall(text))
            good, bad = good + len(_NOT_ASCII.findall(text)) - wrong, bad + wrong
    file.seek(0)
    return "cp1252" if bad > good else "utf-8"


def _utf_16(start: bytes) -> str | None:
    """Return UTF-16 without a mark if every other byte of a text is mostly zero."""
    most = len(start) // 4
    first, second = start[::2].count(0), start[1::2].count(0)
    if max(first, second) <= most or min(first, second) > most // 4:
        return None
    return "utf-16-be" if first > second else "utf-16-le"


def _separator(lines: Sequence[str]) -> str:
    """Return the separator with which the first non-empty row has the most cells."""
    first = next((line for line in lines if line.strip(f"{SEPARATORS} \r\n")), "")
    return max(SEPARATORS, key=lambda separator: len(next(csv.reader([first], delimiter=separator), [])))


def _excel_rows(file: IO[bytes]) -> Iterator[Row]:
    from shop.services.imports.excel import excel_rows  # loads 180 modules, which a start should not

    return excel_rows(file)
