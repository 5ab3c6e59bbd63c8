"""Imports of files: verdicts, the run, resuming, undoing, and the way out and in again."""

import csv
import io

import pytest

from shop.domain.statuses import ImportState
from shop.queries.catalogue.list import ProductFilters, list_products
from shop.services.approvals.requests import request_import
from shop.services.catalogue.products.records import get_product
from shop.services.errors import Conflict, InvalidInput
from shop.services.imports.lines import list_lines
from shop.services.imports.products import FIELDS, write_row
from shop.services.imports.records import (
    ImportFile,
    create_import,
    get_import,
    start_apply,
    start_undo,
)
from shop.services.imports.work import work_on_imports
from tests import factories
from tests.factories import TESTER
from tests.support.stock import find_stock_faults

FILE = """sku;name;price;stock_quantity;categories;tags;variants
MLK;Maziwa Lala;1,245.50;12;Food > Dairy;fresh; local;
;;;;;;
BRD;Brown bread;75;;;;"[{""options"": {""Size"": ""600 g""}, ""price"": ""75"", ""stock_quantity"": 4}]"
BAD;Tea;ten;;;;
"""


def work():
    while work_on_imports(request_import):
        pass


def begin(text, **more):
    return create_import(ImportFile("products", text.encode(), "products.csv", **more), TESTER).id


def counted(import_id):
    found = get_import(import_id)
    return found.state, {name: count for name, count in found.counts.items() if count}


def names():
    return sorted(product.name for product in list_products(ProductFilters()).rows)


TABLE = FILE.replace("fresh; local", "fresh")


def test_a_trial_changes_nothing_and_the_run_does_what_it_said(ctx):
    import_id = begin(TABLE)
    work()
    said = counted(import_id)
    assert said == (ImportState.CHECKED, {"new": 2, "skipped": 1, "refused": 1})
    assert names() == []
    assert [line.message for line in list_lines(import_id, "refused", page=1, limit=20)[0]] == [
        "price cannot be read: ten."
    ]
    start_apply(import_id, TESTER)
    work()
    assert counted(import_id) == (ImportState.APPLIED, said[1])
    assert names() == ["Brown bread", "Maziwa Lala"]
    milk = list_products(ProductFilters(search="mlk")).rows[0]
    assert (milk.price_cents, milk.stock_quantity, [one.name for one in milk.categories]) == (124550, 12, ["Dairy"])
    assert find_stock_faults() == []


def test_codes_are_compared_as_they_are_stored_and_lost_digits_are_refused(ctx):
    rows = "A1,\u200b,Chai\u00a0 ya tangawizi\nA1\u200b,-,Tea again\nB1,6161100000017.0,Salt\nC1,6.1611E+12,Oil\n"
    import_id = begin(f"sku,barcode,name,price\n{rows}".replace("\n", ",10\n").replace("price,10", "price"))
    work()
    assert counted(import_id) == (ImportState.CHECKED, {"new": 2, "refused": 2})
    assert [line.message for line in list_lines(import_id, "refused", page=1, limit=20)[0]] == [
        "sku is also in row 1 of this file.",
        "barcode has lost digits in a spreadsheet: write 6.1611E+12 in full, as text.",
    ]
    start_apply(import_id, TESTER)
    work()
    assert names() == ["Chai ya tangawizi", "Salt"]
    assert list_products(ProductFilters(search="6161100000017")).rows[0].name == "Salt"


def test_rows_find_codes_in_either_case_and_width(ctx):
    product = factories.make_product("Maziwa", 9900, sku="mlk", barcode="616")
    import_id = begin("sku,barcode,price\nMLK,,10\n,６１６,20\nｍｌｋ,,30\n", apply_at_once=True)
    work()
    assert counted(import_id)[1] == {"changed": 2, "refused": 1}
    assert list_lines(import_id, "refused", page=1, limit=20)[0][0].message == "sku is also in row 1 of this file."
    assert get_product(product.id).price_cents == 2000


def test_undoing_restores_what_was_before(ctx):
    product = factories.make_product("Maziwa", 9900, sku="MLK", stock=3)
    before = write_row(get_product(product.id))
    import_id = begin(TABLE, apply_at_once=True)
    work()
    assert counted(import_id)[1] == {"new": 1, "changed": 1, "skipped": 1, "refused": 1}
    assert get_product(product.id).name == "Maziwa Lala"
    start_undo(import_id, TESTER)
    work()
    assert get_import(import_id).state == ImportState.UNDONE
    assert write_row(get_product(product.id)) == before
    assert names() == ["Maziwa"]
    assert find_stock_faults() == []
    with pytest.raises(Conflict):
        start_undo(import_id, TESTER)


def test_an_interrupted_import_resumes(ctx, monkeypatch):
    monkeypatch.setattr("shop.services.imports.work.BATCH", 2)
    rows = "\n".join(f"S{n},Product {n},10" for n in range(5))
    import_id = begin(f"sku,name,price\n{rows}\n", apply_at_once=True)
    assert [work_on_imports(request_import) for _ in range(4)] == [2, 2, 1, 2]
    assert (get_import(import_id).state, get_import(import_id).next_row) == (ImportState.APPLYING, 3)
    work()
    assert counted(import_id) == (ImportState.APPLIED, {"new": 5})
    assert len(names()) == 5


def test_what_was_exported_is_imported_without_a_difference(ctx):
    begin(TABLE, apply_at_once=True)
    work()
    out = io.StringIO()
    writer = csv.DictWriter(out, FIELDS)
    writer.writeheader()
    writer.writerows(write_row(product) for product in list_products(ProductFilters()).rows)
    import_id = begin(out.getvalue())
    work()
    assert counted(import_id)[1] == {"unchanged": 2}


def test_headings_are_mapped_to_fields(ctx):
    begin("Item,Bei\nTea,150\n", mapping={"item": "name", "Bei": "price"}, apply_at_once=True)
    work()
    assert names() == ["Tea"]


@pytest.mark.parametrize("text", ["", "sku,name\n", "colour\nred\n"])
def test_a_file_without_rows_or_known_columns_is_refused(ctx, text):
    with pytest.raises(InvalidInput):
        begin(text)


def test_the_error_of_a_formula_and_an_unreadable_byte_are_not_taken_for_a_name(ctx):
    import_id = begin("sku;name;price\nA;#N/A;1\nB;a\0b;2\nC;Tea;#DIV/0!\nD;Tea;4\n")
    work()
    lines, _ = list_lines(import_id, None, page=1, limit=10)
    assert [(line.verdict, line.field) for line in lines] == [
        ("refused", "name"),
        ("refused", "name"),
        ("refused", "price"),
        ("new", ""),
    ]
