"""Two databases: which statements go to the replica, and that decisions never do."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from shop.config import ConfigError, load_config
from shop.db import replica
from shop.db.compiled import statement_events
from shop.db.session import db
from shop.db.tenant import use_shop
from shop.web.http.rate_limit import limiter
from shop.web.pages.view_options import options_of
from tests import factories
from tests.factories import PASSWORD
from tests.support.clients import ApiCaller, ShopClient
from tests.support.databases import Databases, close
from tests.support.operations import OPERATIONS, make_sample_records


class Pair:
    """An application with a primary and a copy of it as replica, and the statements of each."""

    def __init__(self, app: Flask, shop: factories.ShopAtHand, sample: Any, email: str) -> None:
        self.app, self.shop, self.sample, self.email = app, shop, sample, email
        with app.app_context():
            self.engines = {name or "primary": engine for name, engine in db.engines.items()}

    def caller(self) -> ApiCaller:
        """A client with its own key that has not written yet."""
        with self.app.app_context():
            use_shop(self.shop.id)
            key = factories.make_api_key()
        return ApiCaller(ShopClient.at(self.app, self.shop.host), key.consumer_key, key.consumer_secret)

    @contextmanager
    def asked(self) -> Iterator[dict[str, list[str]]]:
        """Record the statements that each database gets within the block."""
        seen: dict[str, list[str]] = {name: [] for name in self.engines}

        def listen(name: str) -> Callable[..., None]:
            def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
                if not statement.startswith("BEGIN"):
                    seen[name].append(statement)

            return note

        notes = {name: listen(name) for name in self.engines}
        for name, engine in self.engines.items():
            event.listen(engine, "before_cursor_execute", notes[name])
        try:
            with statement_events():
                yield seen
        finally:
            for name, engine in self.engines.items():
                event.remove(engine, "before_cursor_execute", notes[name])


def copy_of(databases: Databases, url: str) -> str:
    """Return the URL of a copy of a database."""
    if url.startswith("sqlite"):
        path = make_url(url).database
        assert path is not None
        with create_engine(url, poolclass=NullPool).connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(path, f"{path}.copy")
        return f"{url}.copy"
    name = make_url(url).database
    databases._command(f'CREATE DATABASE "{name}_copy" TEMPLATE "{name}"')
    return url.replace(str(name), f"{name}_copy")


@contextmanager
def paired(databases: Databases, engine_name: str) -> Iterator[Pair]:
    """Yield a shop with some records; the replica has one more customer, by which it is recognised."""
    url = databases.fresh(engine_name)
    first = databases.app(url)
    with first.app_context():
        shop = factories.make_shop()
        sample = make_sample_records()
        member = factories.make_staff()
        factories.make_customer("primary@example.com")
    close(first)
    copy = copy_of(databases, first.config["SQLALCHEMY_DATABASE_URI"])
    change = "UPDATE customers SET email = 'replica@example.com' WHERE email = 'primary@example.com'"
    with create_engine(copy, poolclass=NullPool).begin() as connection:
        connection.execute(text(change))
    app = databases.app(url, DATABASE_REPLICA_URL=copy)
    yield Pair(app, shop, sample, member.email)
    close(app)
    databases.drop(copy)
    databases.drop(url)


@pytest.fixture(scope="module")
def _pair(databases: Databases, engine_name: str) -> Iterator[Pair]:
    with paired(databases, engine_name) as pair:
        yield pair


@pytest.fixture
def pair(_pair: Pair) -> Pair:
    """Two databases that the tests of this module share."""
    limiter.reset()
    replica._passed_over.clear()
    return _pair


def who(answer: Any) -> str:
    """Return which database answered, by its customers."""
    return "replica" if "replica@example.com" in answer.text else "primary"


def test_lists_are_read_from_the_replica_and_nothing_else_is(pair: Pair) -> None:
    for operation in OPERATIONS:
        endpoint = pair.app.url_map.bind("x").match(operation.url(pair.sample).split("?")[0], operation.method)[0]
        api = pair.caller()
        headers = operation.headers(pair.sample)
        body = {"json": operation.body(pair.sample)} if operation.body else {}
        with pair.asked() as seen:
            if operation.admin:
                answer = api.call(operation.method, operation.url(pair.sample), **body)
            else:
                path = operation.url(pair.sample)
                answer = api.client.open(path, method=operation.method, headers=headers, **body)
        assert answer.status_code < 500, operation
        assert bool(seen["replica"]) == options_of(pair.app.view_functions[endpoint]).reads_replica, operation
        assert all(one.startswith(("SELECT", "WITH")) and "FOR " not in one for one in seen["replica"])


def test_a_writer_reads_their_own_writes(pair: Pair) -> None:
    writer, other = pair.caller(), pair.caller()
    assert who(writer.get("/customers")) == "replica"
    assert writer.post("/customers", {"email": "new@example.com"}).status_code == 201
    answer = writer.get("/customers")
    assert (who(answer), "new@example.com" in answer.text) == ("primary", True)
    assert who(other.get("/customers")) == "replica"
    limiter.reset()  # as if the seconds had passed
    assert who(writer.get("/customers")) == "replica"


def test_a_request_that_was_refused_and_changed_nothing_is_no_write(pair: Pair) -> None:
    api = pair.caller()
    assert api.post("/customers", {"email": "primary@example.com"}).status_code == 409
    assert who(api.get("/customers")) == "replica"


def test_staff_pages_and_files_are_read_from_the_replica(pair: Pair) -> None:
    browser = ShopClient.at(pair.app, pair.shop.host)
    pair.app.config["WTF_CSRF_ENABLED"] = False
    assert browser.post("/staff/sign-in", data={"email": pair.email, "password": PASSWORD}).status_code == 302
    limiter.reset()
    for path in ("/staff/customers", "/staff/customers.csv"):
        assert who(browser.get(path)) == "replica", path
    limiter.reset()
    for path in ("/staff/", "/staff/orders", "/staff/ledger", "/staff/ledger.csv", "/staff/ledger/days"):
        limiter.reset()
        with pair.asked() as seen:
            assert browser.get(path).status_code == 200
        assert seen["replica"], path
    with pair.app.app_context():
        use_shop(pair.shop.id)
        customer = factories.make_customer().id
    limiter.reset()
    with pair.asked() as seen:
        assert browser.get(f"/staff/customers/{customer}").status_code == 200
    assert seen["replica"] == []


def test_settings_and_changes_come_from_the_primary_even_then(pair: Pair) -> None:
    api = pair.caller()
    with pair.asked() as seen:
        assert api.get("/marketing/loyalty/stats").status_code == 200
    assert not [one for one in seen["replica"] if "FROM shop_settings" in one or "FROM api_keys" in one]
    with pair.app.app_context():
        use_shop(pair.shop.id)
        assert replica.read_from_replica()
        with pair.asked() as seen:
            factories.make_customer(points=5)
        assert seen["replica"] == []
        assert seen["primary"]


def test_a_replica_out_of_reach_is_stood_in_for_by_the_primary(databases: Databases, engine_name: str) -> None:
    with paired(databases, engine_name) as pair:
        assert_primary_stands_in(pair, databases)
    replica._passed_over.clear()


def assert_primary_stands_in(pair: Pair, databases: Databases) -> None:
    """End the replica and ask."""
    api = pair.caller()
    gone = pair.engines["replica"]
    gone.dispose()
    if gone.dialect.name == "postgresql":
        databases.drop(gone.url.render_as_string(hide_password=False).replace("+psycopg", ""))
    else:
        event.listen(gone, "do_connect", _refuse)
    for _ in range(2):
        assert who(api.get("/customers")) == "primary"


def _refuse(*_: Any) -> None:
    from sqlite3 import OperationalError

    raise OperationalError("unable to open database file")


def test_a_store_that_cannot_say_who_wrote_means_the_primary(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    api = pair.caller()
    assert who(api.get("/customers")) == "replica"

    def out_of_reach(*_: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(limiter.storage, "get", out_of_reach)
    assert who(api.get("/customers")) == "primary"


PG, REDIS = "postgresql://tuza@db/tuza", "redis://localhost/0"


def test_what_a_replica_needs_is_said(tmp_path: Any) -> None:
    env = {"SHOP_INSTANCE": str(tmp_path), "DATABASE_REPLICA_URL": "postgres://tuza@replica/tuza"}
    with pytest.raises(ConfigError, match="needs PostgreSQL"):
        load_config(env | {"REDIS_URL": REDIS})
    with pytest.raises(ConfigError, match="needs REDIS_URL"):
        load_config(env | {"DATABASE_URL": PG})
    config = load_config(env | {"DATABASE_URL": PG, "REDIS_URL": REDIS})
    assert config["DATABASE_REPLICA_URL"] == "postgresql+psycopg://tuza@replica/tuza"
    assert load_config({"SHOP_INSTANCE": str(tmp_path)})["DATABASE_REPLICA_URL"] == ""


def test_behind_pgbouncer_no_statement_is_prepared(databases: Databases) -> None:
    url = databases.fresh("postgresql")
    app = databases.app(url, DATABASE_PGBOUNCER=True, DATABASE_POOL_SIZE=3)
    with app.app_context():
        factories.make_shop()
        for _ in range(12):
            assert db.session.execute(text("SELECT COUNT(*) FROM pg_prepared_statements")).scalar_one() == 0
        assert db.engine.pool.size() == 3  # type: ignore[attr-defined]
    close(app)
    databases.drop(url)
