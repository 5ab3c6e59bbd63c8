"""Security headers on every route; and CORS of the storefront API."""

import pytest

from tests import factories
from tests.support.contract import described_path

VALUES = {"customer_id": 1, "order_id": 1, "address_id": 1, "note_id": 1, "slug": "maziwa", "key": "store_name"}
VALUES |= {
    "name": "x.eml",
    "filename": "favicon.svg",
    "token": "0" * 64,
    "callback_token": "0" * 64,
    "shop": "duka",
    "checkout_id": 1,
}
NOSNIFF = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
DATA = NOSNIFF | {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
PAGE = NOSNIFF | {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
}
HOSTED_SHOP = PAGE | {
    "Content-Security-Policy": PAGE["Content-Security-Policy"].replace("'self' data:", "'self' https: data:")
}
CHECKOUT = NOSNIFF | {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
REVALIDATED = {
    ("GET", f"/api/v1/storefront/{path}")
    for path in ("products", "categories", "settings", "widget-texts", "loyalty/config", "checkout/payment-gateways")
}
"""What is public and has an ETag: a browser may keep it, and asks each time whether it still holds."""
SETTINGS = "/api/v1/storefront/settings"
ORIGIN = "https://shop.example.com"


def requests(app):
    """One request to each route, by each of its methods."""
    for rule in app.url_map.iter_rules():
        names = {name: VALUES.get(name, 1) for name in rule.arguments}
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield method, described_path(rule.rule).format(**names)


def some_headers(answer, names):
    return {name: answer.headers.get(name) for name in names}


def test_every_route_sends_them(app, client, subtests):
    for method, path in requests(app):
        with subtests.test(f"{method} {path}"):
            answer = client.open(path, method=method)
            answer.close()  # a file stays open otherwise
            assert answer.status_code < 500
            referrer = "no-referrer" if "0" * 64 in path else "same-origin"
            nosniff = NOSNIFF | {"Referrer-Policy": referrer}
            assert some_headers(answer, NOSNIFF) == nosniff
            assert answer.headers["X-Request-Id"]
            assert "Server-Timing" not in answer.headers
            if path.startswith("/api/v1"):
                may_revalidate = (method, path) in REVALIDATED and answer.status_code == 200
                caching = {"Cache-Control": "no-cache" if may_revalidate else "no-store"}
                assert some_headers(answer, DATA) == DATA | nosniff | caching
                assert "Set-Cookie" not in answer.headers
            elif path.startswith("/checkout/"):
                assert some_headers(answer, CHECKOUT) == CHECKOUT
                assert "Set-Cookie" not in answer.headers
            elif answer.mimetype == "text/html":
                policy = answer.headers["Content-Security-Policy"]
                page = HOSTED_SHOP if path.startswith("/shop/") else PAGE
                assert some_headers(answer, PAGE) == page | nosniff
                assert "unsafe" not in policy
                assert answer.headers["Permissions-Policy"].startswith("camera=(), microphone=()")
            if path.startswith("/staff"):
                assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.usefixtures("shared")
def test_only_a_checkout_opened_from_an_allowed_origin_may_be_framed_and_only_by_allowed_ones(client, shop, inside):
    path = f"/checkout/{shop.slug}?items={inside(factories.make_product).id}"
    framed = client.get(f"{path}&origin={ORIGIN}")
    policy = CHECKOUT["Content-Security-Policy"].replace("'none'", ORIGIN).replace(ORIGIN, "'none'", 2)
    assert framed.status_code == 200
    assert framed.headers["Content-Security-Policy"] == policy
    assert policy.endswith(f"frame-ancestors {ORIGIN}")
    assert "X-Frame-Options" not in framed.headers
    assert "Set-Cookie" not in framed.headers
    for query, status in (("", 200), ("&origin=https://evil.example", 403), (f"&origin={ORIGIN}.evil.example", 403)):
        answer = client.get(path + query)
        assert answer.status_code == status
        assert some_headers(answer, CHECKOUT) == CHECKOUT


def test_a_key_gets_them_too(api):
    for path in ("/customers", "/customers/0", "/settings"):
        assert some_headers(api.get(path), DATA) == DATA


def test_an_unknown_page_and_a_wrong_method_send_them(client):
    for answer in (client.get("/nothing"), client.post("/healthz")):
        assert answer.mimetype == "text/html"
        assert some_headers(answer, PAGE) == PAGE


def test_hsts_is_sent_over_https_only(client, subtests):
    for path in ("/healthz", "/staff/sign-in", SETTINGS, "/nothing"):
        with subtests.test(path):
            over_https = client.get(path, base_url=f"https://{client.host}")
            assert over_https.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
            assert "Strict-Transport-Security" not in client.get(path).headers


def test_the_sessions_cookie_is_for_this_site_and_no_script(make_private_app):
    app = make_private_app(SESSION_COOKIE_SECURE=True)
    with app.app_context():
        factories.make_shop()
    cookie = app.test_client().get("/staff/sign-in", base_url="https://shop.test").headers["Set-Cookie"]
    assert cookie.startswith("__Host-tuza_session=")
    assert "Domain=" not in cookie
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


def test_sessions_of_cookies_without_the_prefix_go_on_under_the_new_name(make_private_app):
    app = make_private_app(SESSION_COOKIE_SECURE=True)
    with app.app_context():
        host = factories.make_shop().host
        token = factories.make_session(factories.make_customer().id)
    url, client = f"https://{host}", app.test_client()
    page = client.get("/staff/sign-in", base_url=url)
    kept = page.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    old = app.test_client()
    old.set_cookie("tuza_session", kept, domain=host, secure=True)
    assert old.get("/staff/sign-in", base_url=url).headers["Set-Cookie"].startswith("__Host-tuza_session=")
    old.set_cookie("tuza_shopper", token, domain=host, secure=True)
    me = old.get("/api/v1/storefront/auth/me", base_url=url)
    assert me.json["data"]["customer"] is not None
    headers = {"Origin": url}
    left = old.post("/api/v1/storefront/auth/logout", base_url=url, headers=headers).headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in left} == {"__Host-tuza_shopper", "tuza_shopper"}


@pytest.fixture
def shared(api):
    """The shop lets pages of :data:`ORIGIN` read its storefront API."""
    assert api.put("/settings/shop/allowed_origins", {"value": ORIGIN}).status_code == 200


def cors(answer):
    return {name: value for name, value in answer.headers if name.startswith("Access-Control-")}


@pytest.mark.usefixtures("shared")
def test_an_allowed_origin_may_read_with_credentials(client):
    answer = client.get(SETTINGS, headers={"Origin": ORIGIN})
    assert cors(answer) == {
        "Access-Control-Allow-Origin": ORIGIN,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Expose-Headers": "X-Request-Id, Retry-After, Idempotent-Replayed, X-RateLimit-Limit, "
        "X-RateLimit-Remaining, X-RateLimit-Reset, X-Ignored, Link, ETag",
    }
    assert "Origin" in answer.vary


@pytest.mark.usefixtures("shared")
def test_an_allowed_origin_may_read_refusals_too(client):
    for method, path, status in (
        ("POST", "/api/v1/storefront/loyalty/preview", 415),
        ("GET", "/api/v1/storefront/products/nothing", 404),
    ):
        answer = client.open(path, method=method, headers={"Origin": ORIGIN})
        assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (status, ORIGIN)


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", f"{ORIGIN}.evil.example", f"{ORIGIN}:8443", "http://shop.example.com", "null", "*", ""],
)
def test_a_foreign_origin_gets_nothing(client, origin):
    for method in ("GET", "OPTIONS"):
        answer = client.open(SETTINGS, method=method, headers={"Origin": origin})
        assert cors(answer) == {}
        assert "Origin" in answer.vary


@pytest.mark.usefixtures("shared")
def test_a_preflight_is_answered_without_counting(client):
    sent = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    path = "/api/v1/storefront/checkout/create-order"
    answer = client.open(path, method="OPTIONS", headers=sent)
    assert (answer.status_code, answer.data) == (204, b"")
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert {"Content-Type", "Idempotency-Key"} <= set(answer.headers["Access-Control-Allow-Headers"].split(", "))
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert "X-RateLimit-Remaining" not in answer.headers


def test_another_shops_origin_is_foreign(app, client):
    with app.app_context():
        other = factories.make_shop(allowed_origins=ORIGIN)
    assert cors(client.get(SETTINGS, headers={"Origin": ORIGIN})) == {}
    assert cors(client.get(SETTINGS, headers={"Origin": ORIGIN}, base_url=other.url))


@pytest.mark.usefixtures("shared")
def test_the_admin_api_refuses_pages_of_another_origin(api):
    assert cors(api.get("/customers", headers={"Origin": ORIGIN})) == {}
