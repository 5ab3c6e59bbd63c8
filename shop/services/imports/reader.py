"""Rows of a CSV or Excel file, read one at a time, in common encodings and separators."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from numbers import Real
from typing import IO, Any, Final
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from shop.services.errors import InvalidInput

SEPARATORS: Final = ",;\t|"
MAX_ROWS: Final = 100_000
MAX_COLUMNS: Final = 100
MAX_CELL: Final = 10_000
UNPACKED_BYTES: Final = 300 * 1024 * 1024
"""The largest size of an Excel file's contents: a small file can unpack to a very large one."""
CHUNK: Final = 64 * 1024
Row = list[str]


def read_rows(file: IO[bytes]) -> Iterator[Row]:
    """Yield the rows of a file, starting with the first non-empty one. Raise InvalidInput for an unreadable file."""
    file.seek(0)
    is_zip = file.read(4) == b"PK\x03\x04"
    file.seek(0)
    rows = _excel_rows(file) if is_zip else _csv_rows(file)
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
        raise InvalidInput.of(
            "file", "has a cell of more than %(limit)s characters in row %(row)s", limit=MAX_CELL, row=number
        )
    return row[:MAX_COLUMNS]


def _csv_rows(file: IO[bytes]) -> Iterator[Row]:
    text = io.TextIOWrapper(file, encoding=_encoding(file), errors="replace", newline="")
    try:
        lines = (line.replace("\0", "") for line in text)
        first = list(islice(lines, 20))
        yield from csv.reader(_joined(first, lines), delimiter=_separator(first))
    except csv.Error:
        raise InvalidInput.of("file", "must be a CSV or Excel file") from None
    finally:
        if not file.closed:
            text.detach()


def _joined(first: Sequence[str], rest: Iterable[str]) -> Iterator[str]:
    yield from first
    yield from rest


def _encoding(file: IO[bytes]) -> str:
    """Return UTF-16 if there is a byte order mark, UTF-8 if it decodes, else Windows-1252."""
    start = file.read(2)
    file.seek(0)
    if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        while chunk := file.read(CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    finally:
        file.seek(0)
    return "utf-8-sig"


def _separator(lines: Sequence[str]) -> str:
    """Return the separator with which the first non-empty row has the most cells."""
    first = next((line for line in lines if line.strip(f"{SEPARATORS} \r\n")), "")
    return max(SEPARATORS, key=lambda separator: len(next(csv.reader([first], delimiter=separator), [])))


def _excel_rows(file: IO[bytes]) -> Iterator[Row]:
    """Yield the rows of the first sheet. defusedxml, which openpyxl uses, refuses entities in its XML."""
    try:
        yield from _sheet_rows(file)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError, SyntaxError):
        raise InvalidInput.of("file", "must be a CSV or Excel file") from None


def _sheet_rows(file: IO[bytes]) -> Iterator[Row]:
    with ZipFile(file) as archive:
        if sum(part.file_size for part in archive.infolist()) > UNPACKED_BYTES:
            raise InvalidInput.of("file", "is too large when it is unpacked")
    file.seek(0)
    book = load_workbook(file, read_only=True, data_only=True)
    try:
        sheet: Any = book.worksheets[0] if book.worksheets else None
        if sheet is not None:
            sheet.reset_dimensions()  # some programs write wrong dimensions
            for cells in sheet.iter_rows(values_only=True):
                yield [_text(cell) for cell in cells]
    finally:
        book.close()


def _text(cell: Any) -> str:
    """Return a cell of a sheet as text: whole numbers without a point, days and times in ISO 8601."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, Real):
        return f"{Decimal(str(cell)):f}".removesuffix(".0")
    if isinstance(cell, datetime) and cell.time() == time.min:
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, datetime | date) else str(cell)
