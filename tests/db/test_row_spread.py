"""SQLite's statistics of the large tables lead it to the selective index."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, text

from shop.db.compiled import statement_events
from shop.db.session import db
from shop.queries.customers.page import look_at_customer
from shop.queries.dashboard.alerts import get_alerts
from shop.queries.dashboard.overview import get_overview, list_top_balances
from shop.queries.ledger.days import get_month
from shop.queries.ledger.shop import ShopLedgerFilter, browse_ledger, total_ledger
from shop.services.customers.erasure.deletion import delete_customer
from tests import factories

BIG = (
    *("customers", "orders", "order_items", "loyalty_accounts", "loyalty_entries"),
    *("products", "variants", "product_tags", "product_categories", "product_images", "stock_movements"),
    *("import_lines", "import_keys"),
)
WHOLE_SHOP = re.compile(
    r"(?:SEARCH|SCAN) (customers|orders|loyalty_entries)\b(?!.*COVERING)(?:.*\(shop_id=\?\)$|(?!.*USING))"
)


@pytest.fixture(scope="session")
def engine_name():
    """PostgreSQL collects its own statistics."""
    return "sqlite"


@pytest.mark.parametrize("table", BIG)
def test_every_index_of_a_big_table_has_its_figures(ctx, table):
    there = set(
        db.session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = :t"), {"t": table})
    )
    known = set(db.session.scalars(text("SELECT idx FROM sqlite_stat1 WHERE tbl = :t"), {"t": table}))
    assert there == known


def plans(call):
    """Return SQLite's plan of each query of a call."""
    asked = []

    def record(_connection, _cursor, statement, values, *_):
        asked.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", record)
    try:
        with statement_events():
            call()
    finally:
        event.remove(db.engine, "before_cursor_execute", record)
    raw = db.session.connection().connection.driver_connection
    for statement, values in asked:
        reads = statement.lstrip().upper().startswith(("SELECT", "WITH", "UPDATE", "DELETE"))
        if reads and "0 = 1" not in statement:  # else nothing can match, and nothing is read
            for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", values):
                yield row[3]


def test_a_deletion_finds_the_imported_rows_of_the_customer_by_index(ctx):
    jane = factories.make_customer("jane@example.com", first_name="Jane")
    found = list(plans(lambda: delete_customer(jane.id, factories.TESTER)))
    lines = [plan for plan in found if "import_" in plan]
    assert len(lines) > 3
    assert [plan for plan in lines if plan.startswith("SCAN") or plan.endswith("(shop_id=?)")] == []


def look_at(customer):
    page = look_at_customer(customer.id)
    return page.figures(), page.curve(), page.ledger(), page.timeline(), page.orders(), page.orders_count()


@pytest.mark.parametrize(
    "call",
    [
        lambda jane: get_overview(),
        lambda jane: list_top_balances(),
        lambda jane: get_alerts(),
        lambda jane: get_month(),
        lambda jane: browse_ledger(ShopLedgerFilter(kind="taken", since=datetime(2026, 1, 1, tzinfo=UTC).date())),
        lambda jane: browse_ledger(ShopLedgerFilter(actor="staff:7")),
        lambda jane: browse_ledger(ShopLedgerFilter(search="jane")),
        lambda jane: total_ledger(ShopLedgerFilter()),
        lambda jane: total_ledger(ShopLedgerFilter(search="jane")),
        look_at,
    ],
    ids=["overview", "top", "attention", "days", "kind", "actor", "search", "totals", "totals of some", "customer"],
)
def test_no_page_reads_all_rows_of_a_shop(ctx, call):
    jane = factories.make_customer("jane@example.com", first_name="Jane", points=10)
    factories.make_order(jane, 10000, payment_status="paid")
    found = list(plans(lambda: call(jane)))
    assert found
    assert [plan for plan in found if WHOLE_SHOP.search(plan)] == []
