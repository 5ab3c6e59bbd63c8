"""Rows of an Excel file, read one at a time. The reader loads this module, and openpyxl, with the first such file."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from numbers import Real
from typing import IO, Any, Final
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.xml.constants import SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from shop.domain.imports.cells import NO_RESULT
from shop.domain.text.messages import N_
from shop.services.errors import InvalidInput

UNPACKED_BYTES: Final = 300 * 1024 * 1024
"""The largest size of an Excel file's contents: a small file can unpack to a very large one."""

CHUNK: Final = 64 * 1024
MOST_MISSING: Final = 100_000
MANY_FORMULAS: Final = N_("has formulas without results: open it in Excel or LibreOffice, save it, and import it again")
_SHEET: Final = f"{{{SHEET_MAIN_NS}}}"
_FORMULA: Final = re.compile(rb"<(\w+:)?f[\s/>]")


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
            missing = _find_missing_results(file, sheet._worksheet_path)
            for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
                yield [
                    NO_RESULT if missing and f"{get_column_letter(place)}{number}" in missing else _text(cell)
                    for place, cell in enumerate(cells, 1)
                ]
    finally:
        book.close()


def _find_missing_results(file: IO[bytes], path: str) -> set[str]:
    """Return the cells of a sheet, such as ``B5``, whose formula has no result: openpyxl reads them as empty.

    Raise InvalidInput if they are too many to be named one by one.
    """
    found: set[str] = set()
    with ZipFile(file) as archive:
        with archive.open(path) as content:
            if not _has_formulas(content):
                return found
        with archive.open(path) as content:
            for _event, element in iterparse(content):
                if element.tag == f"{_SHEET}c" and _lacks_result(element):
                    found.add(element.get("r", ""))
                    if len(found) > MOST_MISSING:
                        raise InvalidInput.of("file", MANY_FORMULAS)
                elif element.tag == f"{_SHEET}row":
                    element.clear()
    return found


def _has_formulas(content: IO[bytes]) -> bool:
    end = b""
    while chunk := content.read(CHUNK):
        if _FORMULA.search(end + chunk):
            return True
        end = chunk[-100:]
    return False


def _lacks_result(cell: Any) -> bool:
    """Whether a cell has a formula and no result; that of a text may be empty."""
    result = cell.find(f"{_SHEET}v")
    has_result = result is not None and (result.text or cell.get("t") == "str")
    return cell.find(f"{_SHEET}f") is not None and not has_result


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
