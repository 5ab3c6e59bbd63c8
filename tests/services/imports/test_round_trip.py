"""A shop's export, imported into an empty shop, is exported again byte for byte."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from shop.domain.customers.fields import parse_tags
from shop.domain.text.cleaning import clean_line, clean_text
from shop.queries.catalogue.export import FIELDS, export_products
from shop.queries.catalogue.list import ProductFilters
from shop.queries.customers.export import customers_export
from shop.queries.customers.list import CustomerFilters
from shop.queries.listing.export import ExportContext
from shop.services.approvals.requests import request_import
from shop.services.catalogue.categories import save_category
from shop.services.catalogue.products.records import create_product
from shop.services.catalogue.products.variants import VariantInput
from shop.services.customers.custom_fields import CustomFieldGiven, add_custom_field
from shop.services.imports.records import ImportFile, create_import, get_import
from shop.services.imports.work import work_on_imports
from shop.web.pages.csv_export import csv_lines
from tests import factories
from tests.factories import TESTER
from tests.support.ugly_text import ALL_NAMES

pytestmark = pytest.mark.usefixtures("ctx")
UGLY = [
    clean_line(name) for name in (*ALL_NAMES, "'=x", "''@x", "'⁺x", "a > b", '5" pipe', "+254712345678", "＝１", "None")
]


def test_customers_go_out_in_and_out_again():
    add_size()
    for number, (name, other) in enumerate(zip(UGLY, reversed(UGLY), strict=True)):
        factories.make_customer(
            f"o'ugly+{number}@bücher.example" if number % 3 else None,
            phone=f"+2547120{number:05}",
            first_name=name,
            last_name=other,
            area=other[:40],
            tags=parse_tags([text.replace(",", "") for text in (other[:20], name[:20])]),
            external_id=f"{name}-{number}",
            birthday=f"19{50 + number}-02-28",
            custom_fields={"size": name} if number % 2 else {},
            points=number % 5,
        )
    given = exported_customers()
    factories.make_shop()
    add_size()
    taken_in(given, "customers", len(UGLY))
    assert exported_customers() == given


def test_products_go_out_in_and_out_again():
    for number, (name, other) in enumerate(zip(UGLY, reversed(UGLY), strict=True)):
        above = save_category(None, {"name": f"{name} {number}"}, TESTER)
        below = save_category(None, {"name": other, "parent_id": above.id}, TESTER)
        create_product(product_fields(number, name, other) | {"category_ids": [above.id, below.id]}, TESTER)
    given = exported_products()
    factories.make_shop()
    taken_in(given, "products", len(UGLY))
    assert exported_products() == given


def product_fields(number, name, other):
    options = {"Size": name[:60], "Ink; >": other[:60]}
    variant = VariantInput(None, {"name": "", "options": options, "price_cents": number, "stock_quantity": number})
    return {
        "name": name,
        "description": clean_text(f"{other}\n\n  {name}, {name};\n=1+1"),
        "sku": f"{name}-{number}"[:64],
        "external_id": f"{other}{number}",
        "price_cents": 100 * number + 5,
        "sale_price_cents": number or None,
        "cost_cents": 10 * number,
        "sale_starts_at": datetime(2026, 1, 1, 21, tzinfo=UTC) if number % 2 else None,
        "stock_quantity": None if number % 3 else number,
        "weight_grams": number or None,
        "tags": [name[:40], other[:40]],
        "status": "active" if number % 2 else "hidden",
        "variants": [variant] if number % 4 == 1 else [],
    }


def add_size():
    add_custom_field(CustomFieldGiven("Size"), TESTER)


def taken_in(text, kind, rows):
    import_id = create_import(ImportFile(kind, text.encode(), "export.csv", apply_at_once=True), TESTER).id
    while work_on_imports(request_import):
        pass
    assert {name: count for name, count in get_import(import_id).counts.items() if count} == {"new": rows}


def exported_customers():
    export = customers_export()
    context = ExportContext("KES", ZoneInfo("Africa/Nairobi"), lambda _kind, value: value)
    head = [column.label % {"currency": "KES"} for column in export.columns]
    plain = [place for place, column in enumerate(export.columns) if not column.is_checked]
    return "".join(csv_lines(head, export.rows(CustomerFilters(sort="name"), context), plain=plain))


def exported_products():
    return "".join(csv_lines(FIELDS, export_products(ProductFilters(sort="name"))))
