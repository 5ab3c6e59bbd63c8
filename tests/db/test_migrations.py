"""Migrations keep all data up and down, and match the models; on both engines."""

from itertools import pairwise

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from shop.db.readiness import NEWER, check_readiness
from shop.db.session import db
from shop.models import Base
from shop.services.audit_log import record
from shop.services.rate_limits import Limit, hit
from shop.services.shops.shops import get_shop
from tests import factories
from tests.factories import TESTER
from tests.support.databases import close, migrate
from tests.support.migrations import downgrade, revisions, upgrade
from tests.support.rows import raw_connection, snapshot
from tests.support.shopful import fill_shop, make_sandbox

SCHEMA = {
    "sqlite": (
        "SELECT type, name, tbl_name FROM sqlite_master",
        """SELECT tables.name, columns.name, columns.type, columns."notnull" FROM sqlite_master AS tables
        JOIN pragma_table_info(tables.name) AS columns WHERE tables.type = 'table'""",
    ),
    "postgresql": (
        """SELECT 'trigger', tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT 'index', indexname, tablename FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT contype::text, conname, conrelid::regclass::text FROM pg_constraint""",
        """SELECT attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        AND attnum > 0 AND NOT attisdropped""",
    ),
}
"""The tables, indexes, constraints and triggers; and the columns. SQLAlchemy's inspector takes ten times as long."""


@pytest.fixture
def empty_app(databases, engine_name):
    """An application on an empty database."""
    url = databases.empty(engine_name)
    app = databases.app(url)
    yield app
    close(app)
    databases.drop(url)


def of_trigrams(name):
    """Return whether a table or index belongs to the trigram indexes, which migrations create and no model has."""
    there = (
        "customer_words",
        "product_words",
        "ix_customers_search_text",
        "ix_products_search_text",
        "ix_orders_shop_id_number_prefix",
    )
    return name.startswith(there)


def tables_there():
    with raw_connection() as connection:
        return set(inspect(connection).get_table_names())


def schema():
    """Tables, columns, indexes, constraints and triggers, as the database describes them."""
    with raw_connection() as connection:
        things, columns = SCHEMA[connection.dialect.name]
        return [{tuple(row) for row in connection.exec_driver_sql(statement)} for statement in (things, columns)]


def test_the_models_and_the_migrated_tables_do_not_differ(private_app):
    with private_app.app_context(), raw_connection() as connection:
        opts = {"compare_type": True, "include_name": lambda name, _kind, _parents: not of_trigrams(name or "")}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, Base.metadata) == []


def fill():
    """A shop and its sandbox, with a row in every table."""
    live = factories.make_shop()
    fill_shop()
    make_sandbox(get_shop(live.slug))


def test_there_is_one_newest_revision(private_app):
    assert len(revisions()) == len(set(revisions()))
    with private_app.app_context():
        assert check_readiness() == []


def test_each_step_keeps_every_row_down_and_up_and_all_the_way_leaves_nothing_and_makes_all(private_app):
    with private_app.app_context():
        fill()
        schemas = {}
        for step, below in pairwise([*revisions(), "base"]):
            schemas[step] = schema()
            assert_step_keeps_rows(step, below, schemas[step])
        assert tables_there() == {"alembic_version"}
        assert check_readiness() != []
        for step, made in reversed(schemas.items()):
            upgrade(step)
            assert schema() == made, step
        assert check_readiness() == []
        fill()
        assert all(snapshot().values()), "every table can be filled again"


def assert_step_keeps_rows(step, below, made):
    """Go from `step` to the one below, up again and down again, and compare rows and the schema it makes."""
    before = snapshot_as_is()
    downgrade(below)
    kept = snapshot_as_is()
    assert all(rows_kept(before.get(name, {}), rows) for name, rows in kept.items()), step
    upgrade(step)
    assert schema() == made, step
    after = snapshot_as_is()
    assert all(rows_kept(after[name], rows) for name, rows in kept.items()), step
    downgrade(below)


def snapshot_as_is():
    """Return all rows of all existing tables, by their existing columns."""
    found = {}
    with raw_connection() as connection:
        for name in inspect(connection).get_table_names():
            if name != "alembic_version" and not of_trigrams(name):
                cursor = connection.connection.cursor()  # the driver's own: SQLAlchemy's takes three times as long
                cursor.execute(f"SELECT * FROM {name}")
                columns = [column[0] for column in cursor.description]
                rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
                cursor.close()
                found[name] = {row["id"]: row for row in rows}
    return found


def rows_kept(wider, narrower):
    """Return whether each row of the narrower table is in the wider one, equal in their common columns."""
    return wider.keys() == narrower.keys() and all(
        wider[row_id][column] == value
        for row_id, row in narrower.items()
        for column, value in row.items()
        if column in wider[row_id]
    )


def test_an_empty_database_is_not_ready_and_says_what_to_do(empty_app):
    with empty_app.app_context():
        assert check_readiness() == ["The database's migrations are not current: run tuza db upgrade."]
    migrate(empty_app)
    with empty_app.app_context():
        assert check_readiness() == []
        db.session.rollback()


def test_a_database_of_a_newer_version_is_named_so(empty_app):
    migrate(empty_app)
    with empty_app.app_context():
        db.session.execute(text("UPDATE alembic_version SET version_num = '99999'"))
        db.session.commit()
        assert check_readiness() == [NEWER]
        db.session.rollback()


def test_the_reason_in_an_old_audit_entry_becomes_a_column(private_app):
    def rows(columns):
        with raw_connection() as connection:
            found = connection.exec_driver_sql(
                f"SELECT {columns} FROM audit_entries WHERE action = 'order.status' ORDER BY id"
            )
            return [tuple(row) for row in found]

    with private_app.app_context():
        factories.make_shop()
        record(TESTER, "order.status", "order:1", new="cancelled", reason="Not in stock")
        record(TESTER, "order.status", "order:1", new="completed")
        db.session.commit()
        downgrade("0024")
        assert rows("new_value") == [("cancelled: Not in stock",), ("completed",)]
        upgrade()
        assert rows("new_value, reason") == [("cancelled", "Not in stock"), ("completed", None)]


def test_uses_counted_before_limits_were_kept_as_text_still_count(private_app):
    def stored(column):
        with raw_connection() as connection:
            return connection.exec_driver_sql(f"SELECT {column} FROM rate_windows ORDER BY id").scalars().all()

    with private_app.app_context():
        factories.make_shop()
        for bucket in ("a", "b", "a"):
            hit(bucket, Limit(2, 60), message="")
        db.session.commit()
        before = stored("moments")
        assert [len(moments.split()) for moments in before] == [2, 1]
        downgrade("0091")
        downgrade("-1")
        assert stored("CAST(hits AS TEXT)") == [f"[{', '.join(moments.split())}]" for moments in before]
        upgrade("0091")
        assert stored("moments") == before


def test_search_texts_are_written_again_with_plain_letters(private_app):
    def texts():
        with raw_connection() as connection:
            return connection.exec_driver_sql("SELECT search_text FROM customers ORDER BY id").scalars().all()

    with private_app.app_context():
        factories.make_shop()
        for email, name in (("one@example.com", "Łukasz"), ("two@example.com", "Anne")):
            factories.make_customer(email, first_name=name)
        db.session.commit()
        before = texts()
        downgrade("0142")
        with raw_connection() as connection:
            connection.exec_driver_sql("UPDATE customers SET search_text = replace(search_text, 'lukasz', 'łukasz')")
            connection.commit()
        assert "łukasz" in texts()[0]
        upgrade()
        assert texts() == before


def test_coupon_codes_with_typographic_signs_are_found_again(private_app):
    with private_app.app_context():
        factories.make_shop()
        codes = {"SUMMER-10": "SUMMER–10", "MOM'S": "MOM’S", "AUTUMN10": "AUTUMN١٠", "X-1": "X-1", "X‑1": "X‑1"}
        coupons = [factories.make_coupon(f"CODE{number}").id for number in range(len(codes))]
        db.session.commit()
        downgrade("0381")
        with raw_connection() as connection:
            for coupon, old in zip(coupons, codes.values(), strict=True):
                connection.execute(text("UPDATE coupons SET code = :old WHERE id = :id"), {"old": old, "id": coupon})
            connection.commit()
        upgrade()
        with raw_connection() as connection:
            kept = connection.exec_driver_sql("SELECT code FROM coupons ORDER BY id").scalars().all()
        assert kept == list(codes)


def test_codes_of_products_that_differ_by_case_alone_stay_and_get_their_keys(private_app):
    with private_app.app_context():
        factories.make_shop()
        milk = factories.make_product(sku="MLK")
        factories.make_product(barcode="６１６")
        factories.make_variant(milk)
        db.session.commit()
        downgrade("0500")
        with raw_connection() as connection:
            connection.exec_driver_sql("UPDATE variants SET sku = 'x-1'")
            connection.exec_driver_sql("UPDATE products SET sku = 'mlk' WHERE sku = ''")
            connection.commit()
        upgrade()
        with raw_connection() as connection:
            rows = connection.exec_driver_sql("SELECT sku, sku_key, barcode_key FROM products ORDER BY id").all()
            assert [tuple(row) for row in rows] == [("MLK", "MLK", ""), ("mlk", "MLK", "616")]
            assert connection.exec_driver_sql("SELECT sku_key FROM variants").scalars().all() == ["X-1"]
