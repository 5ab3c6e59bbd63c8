"""Files that are no tables, or mean harm."""

import io
from zipfile import ZipFile

import pytest
from openpyxl import Workbook
from openpyxl.xml import DEFUSEDXML

from shop.services.errors import InvalidInput
from shop.services.imports import reader
from shop.services.imports.reader import read_rows

SHEET = "xl/worksheets/sheet1.xml"
ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def with_entities(sheet):
    start = sheet.index(b"<worksheet")
    return sheet[:start] + ENTITIES + sheet[start:].replace(b"Jane", b"&b;")


def excel(change=lambda sheet: sheet):
    """An Excel file of one customer whose sheet was changed afterwards."""
    book, plain, changed = Workbook(), io.BytesIO(), io.BytesIO()
    for row in (["Name", "Phone"], ["Jane", "0712345678"]):
        book.active.append(row)
    book.save(plain)
    with ZipFile(plain) as source, ZipFile(changed, "w") as target:
        for part in source.namelist():
            target.writestr(part, change(source.read(part)) if part == SHEET else source.read(part))
    return changed


def test_an_excel_file_is_read():
    assert list(read_rows(excel())) == [["Name", "Phone"], ["Jane", "0712345678"]]


@pytest.mark.parametrize("change", [with_entities, lambda sheet: sheet[:200], lambda _sheet: b""])
def test_a_sheet_that_is_broken_or_has_entities_is_refused(change):
    assert DEFUSEDXML
    with pytest.raises(InvalidInput) as refused:
        list(read_rows(excel(change)))
    assert refused.value.errors[0].field == "file"


def test_a_file_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(reader, "UNPACKED_BYTES", 1_000)
    with pytest.raises(InvalidInput) as refused:
        list(read_rows(excel()))
    assert "too large" in str(refused.value.errors[0].message)
