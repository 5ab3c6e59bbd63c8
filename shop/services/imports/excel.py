"""Rows of an Excel file, read one at a time. The reader loads this module, and openpyxl, with the first such file."""

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from numbers import Real
from typing import IO, Any, Final
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from shop.services.errors import InvalidInput

UNPACKED_BYTES: Final = 300 * 1024 * 1024
"""The largest size of an Excel file's contents: a small file can unpack to a very large one."""


def excel_rows(file: IO[bytes]) -> Iterator[list[str]]:
    """Yield the rows of the first sheet. Raise InvalidInput for an unreadable or very large file.

    defusedxml, which openpyxl uses, refuses entities in its XML.
    """
    try:
        yield from _sheet_rows(file)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError, SyntaxError):
        raise InvalidInput.of("file", "must be a CSV or Excel file") from None


def _sheet_rows(file: IO[bytes]) -> Iterator[list[str]]:
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
