"""The kept count of customers: exact whatever happens to them, and the way to deep pages of their list."""

import threading

import pytest
from sqlalchemy import func, insert, select

from shop.db.session import db
from shop.db.tenant import all_tenants, use_shop
from shop.db.transaction import transaction
from shop.models import Customer, CustomerCountBucket
from shop.queries.customers.api_list import search_customers
from shop.queries.customers.counts import compact_buckets, count_customers
from shop.services import clock
from shop.services.customers.erasure.deletion import delete_customer
from shop.worker.jobs.customer_counts import compact_counts
from tests import factories
from tests.support.rows import raw_connection, run_sql


@pytest.fixture
def alone(private_app):
    """The id of the context's shop, in its own database."""
    with private_app.app_context():
        yield factories.make_shop().id


def add(shop_id, ids):
    """Customers with these ids, in one statement."""
    now = clock.now()
    common = {"shop_id": shop_id, "first_name": "", "last_name": "", "created_at": now, "updated_at": now}
    rows = [common | {"id": n, "email": f"{n}@example.com", "search_text": f"{n}@example.com"} for n in ids]
    with raw_connection() as connection:
        connection.execute(insert(Customer.__table__), rows)


def counted():
    """Return the stored count and the real one."""
    db.session.rollback()
    return count_customers(), db.session.scalars(select(func.count(Customer.id))).one()


def _add_and_give_up():
    with transaction():
        factories.make_customer()
        assert count_customers() == 4
        raise RuntimeError


def test_the_count_follows_every_insert_and_delete_and_no_rollback(alone):
    people = [factories.make_customer() for _ in range(4)]
    assert counted() == (4, 4)
    delete_customer(people[0].id, factories.TESTER)
    assert counted() == (3, 3)
    with db.engine.connect() as connection:
        connection.exec_driver_sql(f"DELETE FROM events WHERE customer_id = {people[1].id}")
        connection.exec_driver_sql(f"DELETE FROM customers WHERE id = {people[1].id}")
        connection.rollback()
    with pytest.raises(RuntimeError):
        _add_and_give_up()
    assert counted() == (3, 3)
    add(alone, range(5_000, 9_000, 7))
    run_sql("DELETE FROM customers WHERE id BETWEEN 5500 AND 7200")
    run_sql("UPDATE customers SET first_name = 'Jane'")
    there, kept = counted()
    assert there == kept > 300


def test_the_count_of_one_shop_knows_nothing_of_another(alone):
    factories.make_customer()
    factories.make_shop()
    assert counted() == (0, 0)
    factories.make_customer()
    factories.make_customer()
    assert counted() == (2, 2)
    use_shop(alone)
    assert counted() == (1, 1)


def test_folding_changes_no_count_and_leaves_one_row_a_span(alone):
    for n in range(6):
        add(alone, [1_000 + n, 2_000 + n])
    run_sql("DELETE FROM customers WHERE id >= 2000")
    before = counted()
    compact_counts({}, threading.Event())
    assert counted() == before == (6, 6)
    with all_tenants(), transaction():
        assert compact_buckets() == 0
        row = CustomerCountBucket
        spans = db.session.execute(select(row.bucket, row.number).where(row.number > 0))
        assert spans.all() == [(1, 6)]


def test_writers_of_one_shop_do_not_wait_for_one_another_on_postgresql(alone, engine_name):
    if engine_name == "sqlite":
        add(alone, [7])  # one writer at a time there: nothing to wait for but its turn
        assert counted() == (1, 1)
        return
    now = clock.now()
    row = {"shop_id": alone, "first_name": "", "last_name": "", "search_text": "", "created_at": now}
    with db.engine.connect() as one, db.engine.connect() as other:
        for number, connection in enumerate((one, other)):
            connection.exec_driver_sql("SET lock_timeout = '2s'")
            connection.execute(insert(Customer.__table__), row | {"email": f"{number}@x.test", "updated_at": now})
        assert counted() == (0, 0)
        other.commit()
        assert counted() == (1, 1)
        one.rollback()
    assert counted() == (1, 1)


@pytest.mark.parametrize("sort", ["-created_at", "created_at", "-total_spent"])
def test_a_deep_page_holds_what_counting_through_would_find(alone, sort):
    ids = [*range(100, 4_000, 333), *range(9_990, 10_010), 70_001, 80_500, 80_501]
    add(alone, ids)
    add(factories.make_shop().id, range(200, 12_000, 501))
    use_shop(alone)
    run_sql("DELETE FROM customers WHERE id IN (10001, 80500)")
    whole = [n for n in sorted(ids, reverse=sort.startswith("-")) if n not in (10_001, 80_500)]
    for size in (1, 4, 7):
        pages = range(1, len(whole) // size + 3)
        found = [[row.id for row in search_customers(sort=sort, page=n, limit=size).customers] for n in pages]
        assert [n for page in found for n in page] == whole
        assert found[-1] == []


def test_a_search_picks_from_its_own_shop_alone(alone):
    add(alone, [11, 12])
    add(factories.make_shop().id, [111, 112, 113])
    use_shop(alone)
    page = search_customers(search="example")
    assert ([row.id for row in page.customers], page.total) == ([12, 11], 2)
