"""A full disk, a damaged or read-only file: reads continue, writes are refused with the reason, and nothing is lost."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as LockTimeout

from shop.db.failures import BUSY, CORRUPT, DISK_FULL, READ_ONLY, classify
from shop.db.session import db
from tests import factories
from tests.support.clients import ApiCaller, ShopClient
from tests.support.databases import Databases, close

CREATE = "/api/v1/storefront/checkout/create-order"


@pytest.fixture
def app(databases: Databases) -> Iterator[Flask]:
    """An application with its own SQLite database."""
    made = databases.app(databases.fresh("sqlite"))
    yield made
    close(made)


def restrict(app: Flask, pragma: Callable[[sqlite3.Connection], Any]) -> Callable[[], None]:
    """Run a statement on each new connection from now on; return a function that stops it."""

    def connected(connection: Any, _record: Any) -> None:
        pragma(connection)

    with app.app_context():
        engine = db.engine
    engine.dispose()
    event.listen(engine, "connect", connected)

    def lift() -> None:
        event.remove(engine, "connect", connected)
        engine.dispose()

    return lift


def full(connection: Any) -> None:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")


def read_only(connection: Any) -> None:
    connection.execute("PRAGMA query_only = ON")


@pytest.mark.parametrize(("pragma", "failure"), [(full, DISK_FULL), (read_only, READ_ONLY)])
def test_reads_go_on_and_writes_are_refused_with_the_reason(app: Flask, pragma: Any, failure: Any) -> None:
    with app.app_context():
        shop = factories.make_shop()
        product_id = factories.make_product().id
        factories.make_payment("cod", "Cash on Delivery")
        key = factories.make_api_key()
    client = ShopClient.at(app, shop.host)
    api = ApiCaller(client, key.consumer_key, key.consumer_secret)
    order = {
        "customer": {"email": "jane@example.com", "first_name": "Jane"},
        "items": [{"product_id": product_id, "quantity": 1}],
        "payment_method": "cod",
        "notes": "n" * 1000,
    }
    assert client.post(CREATE, json=order).status_code == 201
    lift = restrict(app, pragma)

    answers = [client.post(CREATE, json=order) for _ in range(20)]
    refused = [answer for answer in answers if answer.status_code != 201]
    assert refused
    assert {answer.status_code for answer in refused} == {503}
    assert {answer.json["message"] for answer in refused} == {failure.public}
    assert client.get("/api/v1/storefront/products").status_code == 200
    orders = [api.get(f"/orders?limit=1&page={page}") for page in (1, 2)]
    assert orders[0].status_code == 200
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["problems"]) == (503, [failure.detail])
    assert client.get("/healthz").status_code == 200

    lift()
    assert client.get("/readyz").status_code == 200
    assert client.post(CREATE, json=order).status_code == 201
    accepted = 2 + len(answers) - len(refused)
    assert api.get("/orders").json["data"]["total"] == accepted


def test_a_damaged_file_is_named(app: Flask) -> None:
    with app.app_context():
        factories.make_shop()
        db.engine.dispose()
    file = Path(make_url(app.config["SQLALCHEMY_DATABASE_URI"]).database or "")
    for extra in file.parent.glob(f"{file.name}-*"):
        extra.unlink()
    file.write_bytes(b"not a database. " * 4096)
    ready = app.test_client().get("/readyz")
    assert (ready.status_code, ready.json["problems"]) == (503, [CORRUPT.detail])
    answer = app.test_client().get("/api/v1/storefront/products")
    assert (answer.status_code, answer.json["message"]) == (503, CORRUPT.public)
    for command in (["ledger", "verify"], ["backup", "create"]):
        result = app.test_cli_runner().invoke(args=command)
        assert result.exit_code == 1
        assert CORRUPT.detail in result.output


def test_a_lock_that_stays_taken_is_busy(tmp_path: Path) -> None:
    first, second = (sqlite3.connect(tmp_path / "a.db", timeout=0, isolation_level=None) for _ in range(2))
    first.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError) as caught:
        second.execute("BEGIN IMMEDIATE")
    assert classify(OperationalError("BEGIN IMMEDIATE", {}, caught.value)) is BUSY
    assert classify(LockTimeout("SQLite's write lock was not free within 5 seconds")) is BUSY
    for connection in (first, second):
        connection.close()


def test_staff_read_the_reason(app: Flask) -> None:
    with app.app_context():
        factories.make_shop()
        key = factories.make_api_key()
    api = ApiCaller(app.test_client(), key.consumer_key, key.consumer_secret)
    restrict(app, read_only)
    answer = api.post("/customers", json={"email": "jane@example.com", "first_name": "Jane"})
    assert (answer.status_code, answer.json["message"]) == (503, READ_ONLY.detail)
