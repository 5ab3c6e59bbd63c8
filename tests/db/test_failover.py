"""A database that becomes unavailable during work, or is replaced: no 500, and no request waits for long."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import make_url

from shop.db import engines, replica
from shop.db.compiled import statement_events
from shop.db.session import READS_FROM, REPLICA, db
from shop.db.tenant import use_shop
from shop.db.transaction import transaction
from shop.services.customers.records import create_customer
from shop.web.http.rate_limit import limiter
from tests import factories
from tests.support.clients import ApiCaller, ShopClient
from tests.support.databases import Databases, close, driver_url
from tests.support.pooler import Pooler


def caller(app: Flask) -> ApiCaller:
    """A program of a new shop."""
    with app.app_context():
        shop = factories.make_shop()
        use_shop(shop.id)
        key = factories.make_api_key()
    return ApiCaller(ShopClient.at(app, shop.host), key.consumer_key, key.consumer_secret)


@pytest.fixture
def app(databases: Databases, engine_name: str) -> Iterator[Flask]:
    """An application that is its own replica."""
    url = databases.fresh(engine_name)
    app = databases.app(url, DATABASE_REPLICA_URL=driver_url(url))
    limiter.reset()
    yield app
    close(app)
    databases.drop(url)
    replica._passed_over.clear()


def break_connections(monkeypatch: pytest.MonkeyPatch, names: Sequence[str | None]) -> None:
    """From here on connections of these engines end before a rollback."""
    for name in names:
        engine = db.engines[name]
        broken = engine.dialect.loaded_dbapi.OperationalError("server conn crashed?")

        def cannot(*_: Any, broken: Exception = broken) -> None:
            raise broken

        monkeypatch.setattr(engine.dialect, "do_rollback", cannot)


@pytest.mark.parametrize("names", [(REPLICA,), (None,), (None, REPLICA)], ids=("replica", "primary", "both"))
def test_an_answer_that_is_made_is_given_when_its_connections_die(
    app: Flask, monkeypatch: pytest.MonkeyPatch, names: Sequence[str | None]
) -> None:
    api = caller(app)

    @app.after_request
    def die(response: Any) -> Any:
        assert db.session.info[READS_FROM] == REPLICA
        break_connections(monkeypatch, names)
        return response

    for _ in range(8):  # which connection is ended first is random
        assert api.get("/customers").status_code == 200
        monkeypatch.undo()
    app.after_request_funcs[None].remove(die)
    assert api.get("/customers").status_code == 200
    with app.app_context():
        assert [engine.pool.checkedout() for engine in db.engines.values()] == [0, 0]  # type: ignore[attr-defined]


def test_a_refusal_is_not_lost_to_a_second_error(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        use_shop(factories.make_shop().id)
        with pytest.raises(KeyError):
            _refused(monkeypatch)
        monkeypatch.undo()
        assert create_customer("jane@example.com").id


def _refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction():
        create_customer("jane@example.com")
        break_connections(monkeypatch, (None,))
        raise KeyError


def test_a_write_on_a_server_that_only_reads_is_a_503_and_the_next_one_finds_another(databases: Databases) -> None:
    app = databases.app(url := databases.fresh("postgresql"))
    api = caller(app)
    name = make_url(url).database
    with app.app_context():
        db.engine.dispose()
    databases._command(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    body = {"email": "jane@example.com"}
    answer = api.post("/customers", body)
    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (503, "unavailable", "5")
    databases._command(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
    assert api.post("/customers", body).status_code == 201
    close(app)
    databases.drop(url)


@pytest.fixture
def pooler(databases: Databases) -> Iterator[Pooler]:
    pooler = Pooler(databases.socket)
    yield pooler
    pooler.stop()
    replica._passed_over.clear()


def test_a_pooler_that_lost_its_server_is_a_503_until_it_has_one_again(databases: Databases, pooler: Pooler) -> None:
    url = databases.fresh("postgresql")
    app = databases.app(pooler.url(make_url(url).database or ""), DATABASE_PGBOUNCER=True)
    api = caller(app)
    assert api.get("/customers").status_code == 200
    pooler.is_lost = True
    for answer in (
        api.get("/customers"),
        api.post("/customers", {"email": "jane@example.com"}),
        api.client.get("/readyz"),
    ):
        assert answer.status_code == 503
    pooler.is_lost = False
    assert api.post("/customers", {"email": "jane@example.com"}).status_code == 201
    close(app)
    databases.drop(url)


def test_a_pooler_without_a_replica_behind_it_means_the_primary(
    databases: Databases, pooler: Pooler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "RESTED_SECONDS", 0)
    url = databases.fresh("postgresql")
    behind = pooler.url(make_url(url).database or "")
    app = databases.app(url, DATABASE_REPLICA_URL=behind, DATABASE_PGBOUNCER=True)
    limiter.reset()
    api = caller(app)
    asked: list[str] = []
    with app.app_context():
        event.listen(db.engines["replica"], "before_cursor_execute", lambda _c, _u, said, *_: asked.append(said))
    with statement_events():
        assert api.get("/customers").status_code == 200
        assert asked
        asked.clear()
        pooler.is_lost = True
        assert [api.get("/customers").status_code for _ in range(3)] == [200, 200, 200]
    assert not asked
    close(app)
    databases.drop(url)


def test_a_machine_that_has_gone_is_given_up_unless_the_address_says_otherwise(databases: Databases) -> None:
    given = databases.fresh("postgresql")
    app = databases.app(f"{given}&keepalives_idle=60&connect_timeout=2")
    with app.app_context(), db.engine.connect() as connection:
        said = connection.connection.driver_connection.info.get_parameters()  # type: ignore[union-attr]
    assert {name: said[name] for name in ("tcp_user_timeout", "keepalives_idle", "connect_timeout")} == {
        "tcp_user_timeout": "10000",
        "keepalives_idle": "60",
        "connect_timeout": "2",
    }
    close(app)
    databases.drop(given)
