"""Rate limits and the client's address (``docs/contract/api.md``, section 1; ``points.md``, addresses)."""

from ipaddress import ip_network
from typing import Any

import pytest
from flask import Flask, request

from shop.server.trusted_proxies import TrustedProxiesMiddleware
from shop.web.http.rate_limit import limiter
from tests import factories
from tests.support.clients import ApiCaller, ShopClient

SETTINGS = "/api/v1/storefront/settings"
HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


@pytest.fixture
def slow(client, inside) -> ApiCaller:
    """A key with a limit of three requests a minute."""
    key = inside(factories.make_api_key, rate_limit_per_minute=3)
    return ApiCaller(client, key.consumer_key, key.consumer_secret)


def test_a_key_over_its_limit_gets_retry_after(slow):
    answers = [slow.get("/settings") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0", "0"]
    assert {answer.headers["X-RateLimit-Limit"] for answer in answers} == {"3"}
    assert all(int(answer.headers["X-RateLimit-Reset"]) > 1_700_000_000 for answer in answers)
    assert answers[3].json["code"] == "rate_limited"
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 60


def test_a_refused_request_counts_and_changes_nothing(slow, api):
    for _ in range(3):
        assert slow.post("/customers", {"email": "nobody"}).status_code == 400
    assert slow.post("/customers", {"email": "jane@example.com"}).status_code == 429
    assert api.get("/customers").json["data"]["total"] == 0


def test_one_keys_limit_is_not_anothers(slow, api):
    assert [slow.get("/settings").status_code for _ in range(4)][-1] == 429
    assert api.get("/settings").status_code == 200
    assert api.get("/settings").headers["X-RateLimit-Limit"] == "10000"


def test_a_wrong_secret_does_not_use_up_the_keys_requests(slow):
    thief = ApiCaller(slow.client, slow.key, "cs_wrong")
    assert {thief.get("/settings").status_code for _ in range(5)} == {401}
    assert slow.get("/settings").status_code == 200


def test_requests_go_through_when_the_counters_cannot_be_reached(slow, monkeypatch):
    def down(*_: Any) -> bool:
        raise ConnectionError("no Redis")

    monkeypatch.setattr(limiter.strategy, "hit", down)
    answers = [slow.get("/settings") for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200}
    assert all(name not in answer.headers for answer in answers for name in HEADERS)


@pytest.fixture
def narrow(make_private_app) -> ShopClient:
    """An application that allows two storefront requests per address, behind proxies at 10.0.0.0/8."""
    app = make_private_app(STOREFRONT_REQUESTS_PER_15_MINUTES=2, TRUSTED_PROXIES=["10.0.0.0/8", "fd00::/8"])
    with app.app_context():
        return ShopClient.at(app, factories.make_shop().host)


def visit(client: ShopClient, address: str, **headers: str) -> int:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(SETTINGS, headers=sent, environ_overrides={"REMOTE_ADDR": address}).status_code


def test_an_address_over_its_limit_gets_retry_after(narrow):
    assert [visit(narrow, "192.0.2.1") for _ in range(3)] == [200, 200, 429]
    refused = narrow.get(SETTINGS, environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
    assert refused.headers["X-RateLimit-Limit"] == "2"
    assert 1 <= int(refused.headers["Retry-After"]) <= 900
    assert visit(narrow, "192.0.2.2") == 200


def test_a_forwarded_address_counts_behind_a_trusted_proxy_only(narrow):
    from_anywhere = [visit(narrow, "192.0.2.1", X_Forwarded_For=f"198.51.100.{number}") for number in range(3)]
    assert from_anywhere == [200, 200, 429]
    through_proxy = [visit(narrow, "10.1.1.1", X_Forwarded_For=f"198.51.100.{number}") for number in range(3)]
    assert through_proxy == [200, 200, 200]
    with_a_lie = [visit(narrow, "10.1.1.1", X_Forwarded_For=f"203.0.113.{number}, 192.0.2.9") for number in range(3)]
    assert with_a_lie == [200, 200, 429]


@pytest.fixture
def seen(narrow) -> Any:
    """Return the address, scheme and host that the application uses for a request."""
    app: Flask = narrow.application
    app.before_request_funcs.setdefault(None, []).append(
        lambda: f"{request.remote_addr} {request.scheme} {request.host}" if request.path == "/seen" else None
    )

    def ask(address: str, **headers: str) -> str:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        found: str = narrow.get(
            "/seen", headers=sent, base_url="http://shop.test", environ_overrides={"REMOTE_ADDR": address}
        ).text
        return found

    return ask


@pytest.mark.parametrize(
    ("address", "headers", "expected"),
    [
        ("192.0.2.1", {}, "192.0.2.1 http shop.test"),
        ("192.0.2.1", {"X_Forwarded_Proto": "https", "X_Forwarded_Host": "evil.test"}, "192.0.2.1 http shop.test"),
        ("10.1.1.1", {}, "10.1.1.1 http shop.test"),
        ("10.1.1.1", {"X_Forwarded_For": "198.51.100.7"}, "198.51.100.7 http shop.test"),
        ("10.1.1.1", {"X_Forwarded_For": "1.2.3.4, 198.51.100.7"}, "198.51.100.7 http shop.test"),
        ("10.1.1.1", {"X_Forwarded_For": "198.51.100.7, 10.2.2.2"}, "198.51.100.7 http shop.test"),
        ("10.1.1.1", {"X_Forwarded_For": "10.9.9.9"}, "10.9.9.9 http shop.test"),
        ("10.1.1.1", {"X_Forwarded_For": "unknown"}, "10.1.1.1 http shop.test"),
        ("10.1.1.1", {"X_Forwarded_For": ", ,"}, "10.1.1.1 http shop.test"),
        ("fd00::1", {"X_Forwarded_For": "2001:db8::7"}, "2001:db8::7 http shop.test"),
        ("10.1.1.1", {"X_Forwarded_Proto": "https"}, "10.1.1.1 https shop.test"),
        ("10.1.1.1", {"X_Forwarded_Proto": "gopher"}, "10.1.1.1 http shop.test"),
        ("10.1.1.1", {"X_Forwarded_Host": "duka.test"}, "10.1.1.1 http shop.test"),
        ("", {"X_Forwarded_For": "198.51.100.7"}, " http shop.test"),
    ],
)
def test_who_is_calling(seen, address, headers, expected):
    assert seen(address, **headers) == expected


def test_the_forwarded_host_is_used_only_if_configured() -> None:
    hosts: list[str] = []

    def app(environ: dict[str, str], _start: object) -> list[bytes]:
        hosts.append(environ["HTTP_HOST"])
        return []

    for forwards_host in (True, False):
        environ = {"REMOTE_ADDR": "10.1.1.1", "HTTP_HOST": "shop.test", "HTTP_X_FORWARDED_HOST": "duka.test"}
        TrustedProxiesMiddleware(app, [ip_network("10.0.0.0/8")], forwards_host=forwards_host)(environ, print)
    assert hosts == ["duka.test", "shop.test"]
