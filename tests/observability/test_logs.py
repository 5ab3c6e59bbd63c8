"""Logs: one JSON line a request, without personal data and secrets."""

import io
import json
import logging
import re
import secrets
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from shop.db.session import db
from shop.models import Customer
from shop.observability.json_logging import JsonFormatter, redact
from shop.observability.slow_query_log import SlowQueryLog, TimedConnection
from shop.services import clock
from tests import factories
from tests.factories import PASSWORD
from tests.support.clients import ApiCaller, ShopClient
from tests.support.codes import newest_code, read_mails

SLOW = {"time", "level", "logger", "message", "statement", "within", "ms", "request_id", "shop"}
LINE = {"time", "level", "logger", "message", "request_id", "method", "path", "status", "ms", "shop", "caller"}
PUBLIC = "/api/v1/storefront"
CREATE = f"{PUBLIC}/checkout/create-order"


class Log:
    """All log output, as on standard output."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    @property
    def last(self) -> dict[str, Any]:
        """Return the last request, without the tests' own request of the OpenAPI document."""
        found = [line for line in self.lines if line["logger"] == "tuza.access"]
        return [line for line in found if line["path"] != "/api/v1/openapi.json"][-1]


@pytest.fixture
def log(app):
    """Listens to all loggers."""
    found = Log()
    handler = logging.StreamHandler(found.stream)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    yield found
    root.removeHandler(handler)


@pytest.fixture
def jane(inside):
    """Jane, a customer with points."""
    details = {"first_name": "Jacqueline", "last_name": "Wanjiku", "phone": "0712345678"}
    return inside(factories.make_customer, points=1480, password=PASSWORD, **details)


def test_a_request_is_one_line(api, shop, log):
    answer = api.get("/customers?search=jane@example.com")
    line = log.last
    assert set(line) == LINE
    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/v1/customers", 200)
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert line["shop"] == shop.id
    assert re.fullmatch(r"key:\d+", line["caller"])
    assert line["ms"] >= 0


def test_the_public_and_refusals_are_logged_too(client, shop, log):
    client.get(f"{PUBLIC}/products/nothing")
    assert (log.last["caller"], log.last["shop"], log.last["status"]) == ("public", shop.id, 404)
    client.get("/api/v1/customers")
    assert (log.last["caller"], log.last["shop"], log.last["status"]) == ("public", None, 401)
    client.post("/api/v1/nothing")
    assert (log.last["method"], log.last["status"]) == ("POST", 404)


def test_no_route_writes_a_secret_of_its_url_into_the_log(app, client, log, subtests):
    secret = secrets.token_hex(32)
    rules = [rule for rule in app.url_map.iter_rules() if any("token" in name for name in rule.arguments)]
    assert {rule.endpoint for rule in rules} >= {"staff.password_link", "staff.invitation_link"}
    for rule in rules:
        path = re.sub(r"<[^>]*token>", secret, rule.rule)
        for method in ("GET", "POST", "PUT"):  # a method that is not allowed leaves no arguments
            with subtests.test(f"{method} {rule.rule}"):
                client.open(path, method=method)
                assert "…" in log.last["path"]
    client.get(f"/staff/join/{secret}.")  # a mail program added a full stop
    client.get(f"/staff/join/{secrets.token_urlsafe(32)}")
    assert log.last["path"] == "/staff/join/…"
    assert secret not in log.text


def test_a_callers_request_id_is_given_back_when_it_is_plain(client, log):
    answer = client.get("/healthz", headers={"X-Request-Id": "checkout-17.a_B"})
    assert answer.headers["X-Request-Id"] == log.last["request_id"] == "checkout-17.a_B"


@pytest.mark.parametrize("given", ["short", "x" * 65, 'a"b"c"d"e', "with space", "<script>alert</script>", "ünüsüäl"])
def test_any_other_request_id_is_replaced(client, given):
    answer = client.get("/healthz", headers={"X-Request-Id": given})
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["X-Request-Id"])


def test_a_complete_flow_logs_no_secret_and_no_name(app, api, client, inside, jane, log, monkeypatch):
    product = inside(factories.make_product, price_cents=15800)
    item = {"product_id": product.id, "quantity": 1}
    who = {"email": jane.email}
    client.post(f"{PUBLIC}/loyalty/redemption/send-otp", json=who)
    code = inside(newest_code, app)
    client.post(f"{PUBLIC}/loyalty/redemption/verify-otp", json=who | {"code": "000000"})
    token = client.post(f"{PUBLIC}/loyalty/redemption/verify-otp", json=who | {"code": code}).json["data"]
    requested = {"loyalty_redemption": {"token": token["redemption_token"], "points": 500}}
    order = client.post(CREATE, json={"customer": who, "items": [item]} | requested).json["data"]["order"]
    client.get(f"{PUBLIC}/orders/{order['id']}/payment-status?payment_token={order['payment_token']}")
    client.post(CREATE, json={"customer": who, "items": [item]} | requested)
    api.post("/customers", {"email": jane.email, "password": PASSWORD})
    api.post("/customers", {"email": "nobody", "password": PASSWORD, "phone": jane.phone})
    api.get(f"/customers?search={jane.email}")
    fields = {"email": jane.email, "password": PASSWORD}
    client.post("/staff/sign-in", data=fields)

    def broken(*_: Any, **words: Any) -> None:
        raise ValueError(f"what {words} {jane.email} {api.secret}")

    monkeypatch.setattr("shop.storefront.checkout.place_order_from", broken)
    assert client.post(CREATE, json={"customer": who, "items": [item]}).status_code == 500
    monkeypatch.setattr("shop.storefront.checkout.place_order_from", lambda *_, **__: break_a_constraint(jane))
    assert client.post(CREATE, json={"customer": who, "items": [item]}).status_code == 409

    secrets = [api.secret, code, token["redemption_token"], order["payment_token"], PASSWORD]
    personal = [jane.email, jane.phone, "0712345678", "Jacqueline", "Wanjiku"]
    assert len(log.lines) >= 13
    for word in (*secrets, *personal):
        assert word not in log.text, f"{word} is in the log"
    statuses = {line["status"] for line in log.lines if line["logger"] == "tuza.access"}
    assert {200, 201, 400, 409, 500} <= statuses


def break_a_constraint(jane: Any) -> None:
    now = clock.now()
    copied = {name: getattr(jane, name) for name in ("email", "first_name", "last_name", "phone", "search_text")}
    db.session.add(Customer(**copied, created_at=now, updated_at=now))
    db.session.flush()


def test_an_error_of_the_database_is_logged_without_the_row(inside, jane, log):
    with pytest.raises(IntegrityError) as caught:
        inside(break_a_constraint, jane)
    logging.getLogger("tuza.errors").error("refused", exc_info=caught.value)
    (line,) = [line for line in log.lines if line["logger"] == "tuza.errors"]
    assert "customers" in line["exception"]
    assert "Traceback" in line["exception"]
    for word in (jane.email, jane.phone, "Wanjiku"):
        assert word not in line["exception"]


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        ("no such person: jane@example.com.", "no such person: [private]"),
        ("key cs_0123456789abcdef0123456789abcdef", "key [private]"),
        ("clash\nDETAIL:  Key (name)=(Jane\nDoe) exists.\n[SQL: insert]", "clash\n[SQL: insert]"),
        ("clash\nDETAIL:  Failing row contains (Jane)", "clash"),
        ("order ORD-260115-7KQ4F of shop 3", "order ORD-260115-7KQ4F of shop 3"),
    ],
)
def test_words_that_are_not_ours_are_redacted(said, logged):
    assert redact(said) == logged


def slow_lines(log):
    return [line for line in log.lines if line["logger"] == "tuza.slow"]


def test_a_slow_statement_is_logged_by_the_name_of_its_service_and_without_values(make_private_app, log):
    app = make_private_app(SLOW_QUERY_MS=0.000001)
    with app.app_context():
        shop = factories.make_shop()
        factories.make_customer("jacqueline@example.com", first_name="Jacqueline")
        key = factories.make_api_key()
    log.stream.truncate(0)
    log.stream.seek(0)
    api = ApiCaller(ShopClient.at(app, shop.host), key.consumer_key, key.consumer_secret)
    request_id = api.get("/customers?search=jacqueline").headers["X-Request-Id"]
    found = slow_lines(log)
    assert found
    assert all(set(line) == SLOW and line["request_id"] == request_id and line["ms"] >= 0 for line in found)
    names = {(line["statement"], line["within"]) for line in found}
    assert ("staff.api_keys.authenticate_key", "staff.api_keys.authenticate_key") in names
    assert ("customers.api_list._read", "customers.api_list.search_customers") in names
    for private in ("jacqueline@example.com", "jacqueline", "Jacqueline", key.consumer_key, "SELECT"):
        assert private not in log.text


def test_the_search_term_is_not_in_the_error_message(make_private_app, log):
    app = make_private_app()
    with app.app_context():
        shop = factories.make_shop()
        key = factories.make_api_key()
        with db.engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA legacy_alter_table = ON")
            connection.exec_driver_sql("ALTER TABLE customers RENAME TO gone")
    api = ApiCaller(ShopClient.at(app, shop.host), key.consumer_key, key.consumer_secret)
    for typed in ("zq", "jacqueline zq"):
        assert api.get(f"/customers?search={typed}").status_code >= 500
    assert "customers" in log.text  # the statement, or what the database says of it
    assert "zq" not in log.text
    assert "jacqueline" not in log.text


@pytest.mark.parametrize("limit", [0, 10**9])
def test_quick_statements_are_not_logged(make_private_app, log, limit):
    app = make_private_app(SLOW_QUERY_MS=limit)
    with app.app_context():
        factories.make_shop()
    assert slow_lines(log) == []


def test_on_sqlite_fetching_counts_too(log):
    with closing(TimedConnection(":memory:")) as connection, closing(connection.cursor()) as cursor:
        cursor.slow_log = SlowQueryLog(1e-9, dict)
        assert cursor.execute("SELECT 1").fetchall() == [(1,)]
        assert len(slow_lines(log)) == 1
        cursor.slow_log = SlowQueryLog(1e9, dict)
        assert cursor.execute("SELECT 1").fetchall() == [(1,)]
        assert len(slow_lines(log)) == 1


def test_the_log_lines_of_a_failed_checkout_share_a_request_id(app, client, shop, inside, jane, log):
    product = inside(factories.make_product, price_cents=15800)
    who, items = {"email": jane.email}, [{"product_id": product.id, "quantity": 1}]
    requested = {"loyalty_redemption": {"token": "made-up", "points": 500}}
    sent = client.post(f"{PUBLIC}/loyalty/redemption/send-otp", json=who)
    client.post(f"{PUBLIC}/loyalty/redemption/verify-otp", json=who | {"code": "000001"})
    client.post(CREATE, json={"customer": who, "items": items} | requested, headers={"Idempotency-Key": "cart-17"})
    again = client.post(
        CREATE, json={"customer": who, "items": items} | requested, headers={"Idempotency-Key": "cart-17"}
    )
    made = client.post(CREATE, json={"customer": who, "items": items})
    client.get("/staff/nothing-here")
    read_mails(app)
    story = [
        (line["path"].rpartition("/")[2], line["status"], line.get("code"), line.get("order"), line["shop"])
        for line in log.lines
        if line["logger"] == "tuza.access" and "openapi" not in line["path"]
    ]
    order_id = made.json["data"]["order"]["id"]
    assert story == [
        ("send-otp", 200, None, None, shop.id),
        ("verify-otp", 400, "invalid_code", None, shop.id),
        ("create-order", 400, "invalid_redemption_token", None, shop.id),
        ("create-order", 400, "invalid_redemption_token", None, shop.id),
        ("create-order", 201, None, order_id, shop.id),
        ("nothing-here", 404, "not_found", None, None),
    ]
    ids = [line["request_id"] for line in log.lines if line["logger"] == "tuza.access"]
    assert ids[0] == sent.headers["X-Request-Id"]
    assert again.headers["X-Request-Id"] in ids
    mails = [line for line in log.lines if line["logger"] == "tuza.worker" and line["shop"] == shop.id]
    assert [(line["kind"], "challenge_id" in line, line.get("order_id")) for line in mails] == [
        ("otp_code", True, None),
        ("order_placed", False, order_id),
    ]
    for word in (jane.email, jane.phone, "Jacqueline", "made-up"):
        assert word not in log.text
