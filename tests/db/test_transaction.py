"""One use case, one transaction."""

import sqlite3
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from shop.db import session as session_module
from shop.db import transaction as transactions
from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import Shop
from shop.services import clock
from tests import factories
from tests.support.clients import ApiCaller, ShopClient
from tests.support.rows import raw_connection


@pytest.fixture
def slug(app):
    return factories.unique("s")


def add(slug):
    with transaction() as session:
        session.add(Shop(slug=slug, name="x", created_at=clock.now(), updated_at=clock.now()))
        session.flush()


def there(slug):
    with raw_connection() as connection:
        return connection.execute(select(Shop.id).where(Shop.slug == slug)).first() is not None


def test_the_block_is_committed_when_it_ends(app, slug):
    with app.app_context():
        add(slug)
        assert there(slug)


def test_a_nested_call_joins_and_falls_with_the_outermost(app, slug):
    def outer():
        with transaction():
            add(slug)
            raise RuntimeError

    with app.app_context():
        with pytest.raises(RuntimeError):
            outer()
        assert not there(slug)
        add(slug)
        assert there(slug), "the session can be used again"


@pytest.mark.parametrize("read_last", [True, False])
def test_what_was_read_before_is_read_again_inside(app, slug, read_last):
    with app.app_context():
        add(slug)
        shop = db.session.scalars(select(Shop).where(Shop.slug == slug)).one()
        if not read_last:
            db.session.commit()
        with db.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE shops SET name = 'changed' WHERE slug = '{slug}'")
        with transaction():
            assert shop.name == "changed"


def test_the_clock_can_be_moved_and_comes_back():
    moment = datetime(2026, 1, 15, 13, 0, tzinfo=UTC)
    with clock.moved_to(moment):
        assert clock.now() == moment
        with clock.moved_to(moment + timedelta(hours=1)):
            assert clock.now() == moment + timedelta(hours=1)
        assert clock.now() == moment
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)
    with pytest.raises(ValueError, match="aware"), clock.moved_to(datetime(2026, 1, 15)):  # noqa: DTZ001
        pass


def test_reads_go_on_while_another_process_holds_sqlites_lock(make_private_app, engine_name, monkeypatch):
    """The request's slot is free while the write waits, which gets 503 in the end."""
    if engine_name != "sqlite":
        return
    monkeypatch.setattr(transactions, "REQUEST_LOCK_SECONDS", 0.5)
    app = make_private_app(REQUESTS_AT_ONCE=1)
    with app.app_context():
        host = factories.make_shop().host
        key = factories.make_api_key()
    client = ShopClient.at(app, host)
    api = ApiCaller(client, key.consumer_key, key.consumer_secret)
    other = sqlite3.connect(app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    reads, writing = [], threading.Event()
    real = session_module.released

    @contextmanager
    def released():
        with real():
            writing.set()
            yield

    monkeypatch.setattr(session_module, "released", released)

    def read():
        assert writing.wait(20)
        reads.append(client.get("/api/v1/storefront/products").status_code)

    reader = threading.Thread(target=read)
    reader.start()
    refused = api.post("/customers", {"email": "jane@example.com"})
    reader.join(20)
    assert (reads, refused.status_code, refused.json["code"]) == ([200], 503, "unavailable")
    other.execute("ROLLBACK")
    other.close()
    assert api.post("/customers", {"email": "jane@example.com"}).status_code == 201
