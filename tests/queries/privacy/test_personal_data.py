"""The export of one person is complete, and holds nothing of anyone else."""

import csv
import io
import json
import zipfile

import pytest

from shop.models import Base
from shop.queries.privacy.archive import make_archive
from shop.queries.privacy.personal_data import LEFT_OUT_COLUMNS, LEFT_OUT_TABLES, get_personal_data
from shop.services.customers.erasure.personal_data import personal_tables
from shop.services.errors import NotFound
from shop.services.loyalty.registrations import RegistrationRequest, register_customer
from tests import factories
from tests.factories import TESTER
from tests.support.pictures import PNG
from tests.support.shopful import fill_shop

EXPORTED = {table.model.__tablename__ for table in personal_tables()} | {"audit_entries"}


def test_every_table_is_exported_or_left_out_with_a_reason():
    """A new table that refers to customers is exported automatically; any other must be listed with its reason."""
    tables = set(Base.metadata.tables)
    assert tables - EXPORTED == set(LEFT_OUT_TABLES)
    assert all(LEFT_OUT_TABLES.values())


def test_every_column_is_exported_or_left_out_with_a_reason(ctx):
    fill_shop()
    jane = factories.make_customer("jane@example.com", points=5)
    found = get_personal_data(jane.id)
    assert set(found) == EXPORTED
    columns = {attribute.key for attribute in type(jane).__mapper__.column_attrs}
    assert set(found["customers"][0]) == columns - set(LEFT_OUT_COLUMNS)


def test_all_of_one_person_and_nothing_of_others(ctx):
    product = factories.make_product(price_cents=10000)
    jane, joe = factories.make_customer("jane@example.com"), factories.make_customer("pat@example.com")
    for customer in (jane, joe):
        factories.adjust_points(customer.id, 500, f"Note about {customer.email}", TESTER)
        factories.place(customer, [(product, 2)], points=100)
    text = json.dumps(get_personal_data(jane.id), default=str)
    assert "Note about jane@example.com" in text
    assert "pat@example.com" not in text
    data = get_personal_data(jane.id)
    for table in ("orders", "order_items", "loyalty_accounts", "loyalty_entries", "loyalty_entry_notes"):
        assert data[table], table
    assert {row["order_id"] for row in data["order_items"]} == {row["id"] for row in data["orders"]}


def test_the_archive_has_json_csv_and_the_picture(ctx):
    jane = factories.make_customer("jane@example.com", first_name="=1+1")
    register_customer(jane.id, RegistrationRequest("Jane Doe", "0712345678", PNG))
    with zipfile.ZipFile(io.BytesIO(make_archive(jane.id))) as archive:
        names = archive.namelist()
        data = json.loads(archive.read("personal-data.json"))["data"]
        (row,) = csv.DictReader(io.StringIO(archive.read("csv/customers.csv").decode("utf-8-sig")))
        picture = next(archive.read(name) for name in names if name.startswith("files/"))
    assert (data["customers"][0]["email"], row["email"], row["first_name"]) == ("jane@example.com",) * 2 + ("'=1+1",)
    assert {"README.txt", "csv/loyalty_registrations.csv"} <= set(names)
    assert picture == PNG


def test_only_a_customer_is_exported(ctx):
    with pytest.raises(NotFound):
        make_archive(10**9)
