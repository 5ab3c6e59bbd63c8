"""Files that are no tables, or mean harm."""

import io
from zipfile import ZipFile

import pytest
from openpyxl import Workbook
from openpyxl.xml import DEFUSEDXML

from shop.services.errors import InvalidInput
from shop.services.imports import excel as excel_reader
from shop.services.imports.reader import UNREADABLE, read_rows

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
    monkeypatch.setattr(excel_reader, "UNPACKED_BYTES", 1_000)
    with pytest.raises(InvalidInput) as refused:
        list(read_rows(excel()))
    assert "too large" in str(refused.value.errors[0].message)


TABLE = "name,city\nJosé,Zürich\nAnna,Genève\n"
ROWS = [["name", "city"], ["José", "Zürich"], ["Anna", "Genève"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_the_encoding_is_found_with_and_without_a_mark(encoding):
    assert list(read_rows(io.BytesIO(TABLE.encode(encoding)))) == ROWS


def test_bytes_that_are_no_text_spoil_their_cell_alone():
    file = TABLE.encode().replace("è".encode(), b"\xe8") + b"a\0b,x\n"
    spoilt = [["Anna", f"Gen{UNREADABLE}ve"], [f"a{UNREADABLE}b", "x"]]
    assert list(read_rows(io.BytesIO(file))) == [*ROWS[:2], *spoilt]


def test_excels_line_with_the_separator_is_no_row():
    assert list(read_rows(io.BytesIO(b"sep=;\r\nname;city\r\nA,B;C\r\n"))) == [["name", "city"], ["A,B", "C"]]


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (b'a,b\n1,"2\n3,4\n', "has a quote in row 2 that is not closed"),
        (b"a,b\n1," + b"x" * 200_000, "has a cell of more than 10000 characters in row 2"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "not an old Excel file, PDF or picture"),
    ],
)
def test_what_would_be_misread_is_refused_with_a_sentence(file, sentence):
    with pytest.raises(InvalidInput) as refused:
        list(read_rows(io.BytesIO(file)))
    assert sentence in str(refused.value.errors[0].message)
