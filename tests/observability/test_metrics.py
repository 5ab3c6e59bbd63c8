"""The Prometheus metrics: access, counts over several processes, no personal data."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import create_engine
from sqlalchemy.pool import QueuePool

from shop.config import ROOT
from shop.db.transaction import transaction
from shop.observability.metrics import IN_USE
from shop.services import clock, outbox
from shop.services.orders.lifecycle import set_payment_status
from tests import factories
from tests.factories import TESTER, ShopAtHand
from tests.support.clients import ApiCaller, ShopClient
from tests.support.codes import newest_code, read_mails
from tests.support.databases import Databases
from tests.support.rows import run_sql

PUBLIC = "/api/v1/storefront"
CREATE = f"{PUBLIC}/checkout/create-order"
SEND, VERIFY = f"{PUBLIC}/loyalty/redemption/send-otp", f"{PUBLIC}/loyalty/redemption/verify-otp"
TOKEN = "tuza-metrics-%41token"
Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def read(text: str) -> Figures:
    """Each figure by its name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def without_values(text: str) -> str:
    """Names, labels and comments: a value is a number, which may have the digits of anything."""
    return "\n".join(line if line.startswith("#") else line.rpartition(" ")[0] for line in text.splitlines())


def key(name: str, **labels: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    return name, tuple(sorted(labels.items()))


@pytest.fixture
def rise(client: ShopClient) -> Callable[..., float]:
    """By how much a figure has risen since the test began."""
    before = read(client.get("/metrics").text)

    def risen(name: str, **labels: str) -> float:
        return read(client.get("/metrics").text).get(key(name, **labels), 0) - before.get(key(name, **labels), 0)

    return risen


@pytest.mark.parametrize(("address", "status"), [("127.0.0.1", 200), ("::1", 200), ("192.0.2.7", 404)])
def test_without_a_token_only_this_machine_reads_them_while_developing(
    client: ShopClient, address: str, status: int
) -> None:
    assert client.get("/metrics", environ_overrides={"REMOTE_ADDR": address}).status_code == status


def test_metrics_need_a_token_in_production(app: Flask, client: ShopClient, monkeypatch: Any) -> None:
    monkeypatch.setitem(app.config, "TUZA_ENV", "production")
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize("given", [None, "Bearer ", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x"])
def test_a_wrong_token_is_refused(app: Flask, client: ShopClient, monkeypatch: Any, given: str | None) -> None:
    monkeypatch.setitem(app.config, "METRICS_TOKEN", TOKEN)
    answer = client.get("/metrics", headers={"Authorization": given} if given else {})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="metrics"')
    assert "tuza_" not in answer.text


def test_the_token_opens_them_from_anywhere(app: Flask, client: ShopClient, monkeypatch: Any) -> None:
    monkeypatch.setitem(app.config, "METRICS_TOKEN", TOKEN)
    monkeypatch.setitem(app.config, "TUZA_ENV", "production")
    given = {"headers": {"Authorization": f"Bearer {TOKEN}"}, "environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}}
    assert "tuza_requests_total" in client.get("/metrics", **given).text


def test_requests_are_counted_by_route_and_status_without_ids(
    api: ApiCaller, client: ShopClient, inside: Callable[..., Any], rise: Callable[..., float]
) -> None:
    customer = inside(factories.make_customer)
    api.get(f"/customers/{customer.id}")
    api.get("/customers/999999999")
    client.get("/no/such/path/4711")
    client.open("/healthz", method="BREW")
    text = client.get("/metrics").text
    (route,) = {
        dict(labels)["route"]
        for name, labels in read(text)
        if dict(labels).get("route", "").endswith("customer_id>")
        and dict(labels)["route"].startswith("/api/v1/customers/<")
    }
    assert rise("tuza_requests_total", method="GET", route=route, status="200") == 1
    assert rise("tuza_requests_total", method="GET", route=route, status="404") == 1
    assert rise("tuza_request_seconds_count", method="GET", route=route) == 2
    assert rise("tuza_requests_total", method="GET", route="unknown", status="404") == 1
    assert rise("tuza_requests_total", method="other", route="unknown", status="405") == 1
    assert "4711" not in without_values(text)
    assert "999999999" not in without_values(text)


def break_off(make: Callable[[], None]) -> None:
    """Do something in a transaction that is rolled back."""
    with transaction():
        make()
        raise InterruptedError


def test_awards_and_redemptions_are_counted_once_they_are_certain(
    client: ShopClient, inside: Callable[..., Any], rise: Callable[..., float]
) -> None:
    def make() -> None:
        customer = factories.make_customer(points=500)
        placed = factories.place(customer, [(factories.make_product(price_cents=10000), 1)], points=200)
        set_payment_status(placed.order.id, "paid", TESTER)

    def regret() -> None:
        with pytest.raises(InterruptedError):
            break_off(make)

    inside(make)
    inside(regret)
    inside(factories.make_product)  # the next transaction does not count what was undone
    assert rise("tuza_points_total", reason="order_redeemed") == 200
    assert rise("tuza_points_total", reason="order_earned") == 100
    assert rise("tuza_ledger_entries_total", reason="order_redeemed") == 1
    assert rise("tuza_ledger_entries_total", reason="manual") == 1


def test_codes_are_counted_by_what_came_of_them(
    app: Flask, client: ShopClient, inside: Callable[..., Any], rise: Callable[..., float]
) -> None:
    who = {"email": inside(factories.make_customer).email}
    for email in (who["email"], who["email"], "nobody@example.com"):
        client.post(SEND, json={"email": email})
    code = inside(newest_code_of, app, who["email"])
    client.post(VERIFY, json=who | {"code": f"{(int(code) + 1) % 1_000_000:06}"})
    client.post(VERIFY, json=who | {"code": code})
    counted = {what: rise("tuza_codes_total", what=what) for what in ("sent", "send_refused", "for_nobody", "wrong")}
    assert counted == {"sent": 1, "send_refused": 1, "for_nobody": 1, "wrong": 1}
    assert rise("tuza_codes_total", what="right") == 1


def newest_code_of(app: Flask, email: str) -> str:
    """The code in the mail to an address."""
    (text,) = [text for to, _, text in read_mails(app) if to == email]
    return "".join(next(line for line in text.splitlines() if line.replace(" ", "").isdecimal()).split())


def test_the_outbox_the_connections_and_the_nightly_check_are_shown(private_app: Flask) -> None:
    with private_app.app_context():
        factories.make_shop()
        with transaction(), clock.moved_to(clock.now() - timedelta(minutes=10)):
            outbox.enqueue("order_placed", {"order_id": 1}, recipient="jane@example.com")
            outbox.enqueue("order_placed", {"order_id": 2}, recipient="jane@example.com")
        run_sql("UPDATE outbox_messages SET last_error = 'Away.' WHERE id = (SELECT max(id) FROM outbox_messages)")
        run_sql(
            "INSERT INTO ledger_checks (shop_id, day, started_at, finished_at, accounts, entries, faults, first_faults)"
            " SELECT id, '2026-01-02', '2026-01-02 02:00:00', '2026-01-02 02:01:00', 5, 9, 2, '[]' FROM shops"
        )
    figures = read(private_app.test_client().get("/metrics").text)
    assert figures[key("tuza_database_up")] == 1
    assert figures[key("tuza_outbox_waiting")] == 2
    assert figures[key("tuza_outbox_failing")] == 1
    assert 600 <= figures[key("tuza_outbox_oldest_seconds")] < 1200
    assert figures[key("tuza_ledger_accounts_off")] == 2
    assert figures[key("tuza_ledger_checked_seconds")] > 0
    assert figures[key("tuza_database_connections_in_use")] >= 0


def test_a_database_that_went_away_leaves_no_connection_counted() -> None:
    open_ones = [sqlite3.connect(":memory:")]
    engine = create_engine("sqlite://", creator=open_ones.pop, poolclass=QueuePool, pool_pre_ping=True)
    before = IN_USE._value.get()
    with engine.connect() as held:
        taken, connection = IN_USE._value.get(), held.connection.dbapi_connection
    assert (taken, IN_USE._value.get()) == (before + 1, before)
    assert connection is not None
    connection.close()
    with pytest.raises(IndexError):  # the kept connection is closed, and there is no other
        engine.connect()
    assert IN_USE._value.get() == before


def test_nothing_personal_or_secret_is_among_them(
    app: Flask, api: ApiCaller, client: ShopClient, inside: Callable[..., Any]
) -> None:
    jane = inside(factories.make_customer, points=900, first_name="Jacqueline", phone="0712345678")
    who, product = {"email": jane.email}, inside(factories.make_product, price_cents=15800)
    client.post(SEND, json=who)
    code = inside(newest_code, app)
    token = client.post(VERIFY, json=who | {"code": code}).json["data"]["redemption_token"]
    requested = {"loyalty_redemption": {"token": token, "points": 500}}
    client.post(CREATE, json={"customer": who, "items": [{"product_id": product.id, "quantity": 1}]} | requested)
    api.get(f"/customers?search={jane.email}")
    text = without_values(client.get("/metrics").text)
    for word in (jane.email, jane.phone, "Jacqueline", code, token, api.key, api.secret):
        assert word not in text


TOGETHER = """
import os, runpy, types
conf = runpy.run_path("gunicorn.conf.py")
from shop import create_app
app = create_app()
for _ in range(2):
    child = os.fork()
    if child == 0:
        for _ in range(3):
            app.test_client().get("/healthz")
        app.test_client().get("/readyz")
        os._exit(0)
    os.waitpid(child, 0)
    conf["child_exit"](None, types.SimpleNamespace(pid=child, age=1))
print(app.test_client().get("/metrics").text)
"""


def test_whichever_process_answers_knows_what_all_have_counted(databases: Databases) -> None:
    environ = {**os.environ, "DATABASE_URL": databases.fresh("postgresql")}
    done = subprocess.run(
        [sys.executable, "-c", TOGETHER], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    figures = read("\n".join(line for line in done.stdout.splitlines() if not line.startswith("{")))
    assert figures[key("tuza_requests_total", method="GET", route="/healthz", status="200")] == 6
    assert figures[key("tuza_request_seconds_count", method="GET", route="/healthz")] == 6
    assert figures[key("tuza_database_up")] == 1
    # the processes that ended hold no connection any more; this one holds that of its own question
    assert figures[key("tuza_database_connections_in_use")] <= 1


def test_the_alert_rules_name_figures_that_there_are(client: ShopClient, shop: ShopAtHand) -> None:
    text = client.get("/metrics").text
    rules = (ROOT / "docs/alerts.yml").read_text()
    named = set(re.findall(r"\btuza_\w+", re.sub(r"#.*", "", rules)))
    assert len(named) >= 3
    assert [name for name in named if name not in text] == []
