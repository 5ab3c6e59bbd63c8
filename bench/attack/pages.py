"""Attacks by other sites, with stolen cookies, by programs and with broken HTTP."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from bench.attack.client import PUBLIC, AttackClient, Target
from bench.attack.registry import Tried, attack


@attack(3, "host names of others in headers")
def forged_hosts(target: Target) -> Iterator[Tried]:
    for name in ("X_Forwarded_Host", "X_Original_Host", "Forwarded"):
        answer = target.visitor().get("/staff/sign-in", **{name: "evil.example"})
        yield name, answer.status, "evil.example" not in answer.text + str(answer.headers)


@attack(6, "open redirects")
def redirects(target: Target) -> Iterator[Tried]:
    for wanted in (
        "//evil.example",
        "/\\evil.example",
        "///evil.example",
        "https://evil.example",
        "javascript:alert(1)",
    ):
        client = target.visitor()
        answer = client.form(f"/staff/sign-in?next={wanted}", **target.demo["staff"])
        place = answer.headers.get("location", "")
        host = urlsplit(place).hostname
        yield (
            wanted,
            place or answer.status,
            host in (None, urlsplit(target.base).hostname) and not place.startswith(("//", "/\\", "javascript:")),
        )


@attack(9, "a staff cookie after sign-out")
def cookie_after_sign_out(target: Target) -> Iterator[Tried]:
    target.owner()  # the session of the other attacks
    client = target.owner(new_session=True)
    copy = AttackClient(target.base, dict(client.jar))
    yield "signed in", client.get("/staff/customers").status, client.get("/staff/customers").status == 200
    client.form("/staff/sign-out", page="/staff/account")
    yield "the copied cookie", copy.get("/staff/customers").status, copy.get("/staff/customers").status == 302


@attack(8, "a session that was fixed before sign-in")
def session_fixation(target: Target) -> Iterator[Tried]:
    client = target.visitor()
    client.get("/staff/sign-in")
    before = dict(client.jar)
    client.form("/staff/sign-in", **target.demo["staff"])
    planted = AttackClient(target.base, before)
    yield "the planted cookie", planted.get("/staff/customers").status, planted.get("/staff/customers").status == 302


@attack(24, "a read-only key writes")
def read_only_key(target: Target) -> Iterator[Tried]:
    key = target.key("read_only_key")
    for method, path in (("POST", "/customers"), ("PATCH", "/customers/1"), ("DELETE", "/customers/1")):
        answer = key.send(method, f"/api/v1{path}", {"email": "x@example.org"})
        yield f"{method} {path}", answer.status, answer.status == 403
    answer = key.send("GET", "/api/v1/customers", {}, X_HTTP_Method_Override="DELETE")
    yield "method override", answer.status, answer.status in (200, 400)


@attack(25, "no key, a wrong key, a bearer token")
def wrong_keys(target: Target) -> Iterator[Tried]:
    for auth in ("", "Basic Y2tfeDpjc194", "Bearer abc", "Basic !!!"):
        answer = AttackClient(target.base, auth=auth).get("/api/v1/customers")
        yield auth or "none", answer.status, answer.status == 401


@attack(26, "a staff session's write from another site")
def csrf(target: Target) -> Iterator[Tried]:
    client = target.owner()
    body = b'{"customer_id":1,"points":1000,"note":"x"}'
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json",
    ):
        answer = client.call(
            "POST", "/api/v1/marketing/loyalty/adjust", body, Content_Type=kind, Origin="https://evil.example"
        )
        yield kind, answer.status, answer.status in (400, 401, 403, 415)
    answer = client.call("POST", "/staff/customers/1/adjust", b"way=add&points=5", Origin="https://evil.example",
                         Content_Type="application/x-www-form-urlencoded")  # fmt: skip
    yield "a staff form", answer.status, answer.status in (400, 403)


@attack(29, "reading by CORS")
def cors(target: Target) -> Iterator[Tried]:
    for origin in ("https://evil.example", "null", f"{target.base}.evil.example"):
        for path in (f"{PUBLIC}/settings", "/api/v1/customers"):
            answer = target.visitor().get(path, Origin=origin)
            allowed = answer.headers.get("access-control-allow-origin")
            yield f"{origin} {path}", allowed, allowed is None


@attack(31, "a policy injected by a setting")
def policy_injection(target: Target) -> Iterator[Tried]:
    key = target.key()
    for value in ("https://a.example;report-uri https://evil.example", "https://*.evil.example", "javascript:alert(1)"):
        answer = key.send("PUT", "/api/v1/settings/shop/allowed_origins", {"value": value})
        yield value, answer.status, answer.status == 400


@attack(62, "settings out of range, unknown and the owners' own")
def bad_settings(target: Target) -> Iterator[Tried]:
    key = target.key()
    cases = {
        "storefront_url": ("javascript:alert(1)", 400),
        "brand_color": ("red;}", 400),
        "loyalty_points_per_currency_unit": ("1e30", 400),
        "loyalty_max_redeem_percent": ("-1", 400),
        "secret_key": ("x", 403),
        "staff_second_factor_required": ("true", 403),
        "approval_required": ("true", 403),
    }
    for name, (value, status) in cases.items():
        answer = key.send("PUT", f"/api/v1/settings/shop/{name}", {"value": value})
        yield name, answer.status, answer.status == status


@attack(55, "scripts in names and notes")
def stored_scripts(target: Target) -> Iterator[Tried]:
    key, owner = target.key(), target.owner()
    text = "<script>alert(1)</script>{{7*7}}"
    made = key.send("POST", "/api/v1/customers", {"email": "xss@example.org", "first_name": text, "last_name": "X"})
    found = made.json.get("data", {}).get("customer", {}).get("id")
    if found is None:
        listed = key.get("/api/v1/customers?search=xss@example.org").json["data"]["customers"]
        found = listed[0]["id"]
    page = owner.get(f"/staff/customers/{found}")
    yield "the customer's page", page.status, "<script>alert(1)" not in page.text and "{{7*7}}" in page.text
    policy = page.headers.get("content-security-policy", "")
    yield "policy", policy[:60], _is_strict(policy)


def _is_strict(policy: str) -> bool:
    """Return whether a Content-Security-Policy keeps inline scripts from running."""
    parts = {name: rest for name, _, rest in (part.strip().partition(" ") for part in policy.split(";"))}
    return "'unsafe-inline'" not in parts.get("script-src", parts.get("default-src", "'unsafe-inline'"))


@attack(56, "reflected text")
def reflected(target: Target) -> Iterator[Tried]:
    owner, text = target.owner(), "%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
    for path in (f"/staff/customers?q={text}", f"/staff/orders?q={text}", f"/staff/{text}"):
        answer = owner.get(path)
        yield path[:30], answer.status, "<script>alert(1)" not in answer.text and answer.status < 500


@attack(60, "quotes and operators in searches")
def search_injection(target: Target) -> Iterator[Tried]:
    key = target.key()
    for text in ("'", '"', "' OR 1=1--", "NEAR(a b)", "*", "%25_", "a" * 5000, "UNION SELECT 1", "%00", "(" * 50):
        for path in ("/api/v1/customers?search=", "/api/v1/orders?search=", f"{PUBLIC}/products?search="):
            answer = key.get(path + text.replace(" ", "%20").replace("'", "%27").replace('"', "%22"))
            yield f"{path}{text[:16]}", answer.status, answer.status < 500


@attack(61, "bad values of parameters")
def bad_parameters(target: Target) -> Iterator[Tried]:
    key = target.key()
    for name in ("page", "limit", "offset", "sort", "status"):
        for value in ("-1", "0", "99999999999999999999", "x", "%00", "1e5", "[]"):
            answer = key.get(f"/api/v1/orders?{name}={value}")
            yield f"{name}={value}", answer.status, answer.status < 500


@attack(59, "line breaks in headers and settings")
def line_breaks(target: Target) -> Iterator[Tried]:
    answer = target.visitor().get("/staff/sign-in", X_Request_Id="x%0d%0aSet-Cookie:%20a=b")
    yield "request id", answer.headers.get("x-request-id"), "set-cookie:%20a" not in str(answer.headers).lower()
    answer = target.key().send("PUT", "/api/v1/settings/shop/store_email", {"value": "a@b.example\r\nBcc: c@d.example"})
    yield "store e-mail", answer.status, answer.status == 400


@attack(66, "paths out of the folder")
def traversal(target: Target) -> Iterator[Tried]:
    host = urlsplit(target.base).netloc
    for path in ("/static/../config.py", "/static/%2e%2e/config.py", "/static/..%2f..%2fetc/passwd",
                 "/static/....//....//etc/passwd", "/.env", "/.git/config"):  # fmt: skip
        got = target.visitor().raw(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        status = got.split(b" ", 2)[1:2]
        yield path, status, b"root:" not in got and b"SECRET_KEY" not in got and status[0][:1] == b"4"


@attack(73, "smuggled requests and packed bodies")
def smuggling(target: Target) -> Iterator[Tried]:
    host = urlsplit(target.base).netloc
    head = f"POST {PUBLIC}/cart HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
    for name, lines in (
        ("two lengths", "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde"),
        ("length and chunks", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("odd encoding", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    ):
        got = target.visitor().raw((head + lines).encode())
        yield name, got[:30], got[:13] in (b"HTTP/1.1 400 ", b"HTTP/1.1 501 ") or got[9:12] in (b"400", b"501")
    answer = target.visitor().call("POST", f"{PUBLIC}/checkout/create-order", b"x", Content_Type="application/json",
                                   Content_Encoding="gzip")  # fmt: skip
    yield "gzip", answer.status, answer.status == 415


@attack(76, "headers of pages and cookies")
def headers(target: Target) -> Iterator[Tried]:
    answer = target.visitor().get("/staff/sign-in")
    for name in ("content-security-policy", "x-content-type-options", "permissions-policy",
                 "cross-origin-opener-policy", "referrer-policy"):  # fmt: skip
        yield name, answer.headers.get(name, "")[:40], name in answer.headers
    for cookie in answer.cookies:
        yield (
            cookie.partition("=")[0],
            cookie.partition(";")[2].strip(),
            bool(re.search(r"httponly", cookie, re.I) and re.search(r"samesite=(lax|strict)", cookie, re.I)),
        )


@attack(58, "formulas in exports")
def formulas(target: Target) -> Iterator[Tried]:
    key, owner = target.key(), target.owner()
    key.send("POST", "/api/v1/customers", {"email": "formula@example.org", "first_name": '=HYPERLINK("http://e")'})
    answer = owner.get("/staff/customers.csv?q=formula@example.org")
    wrong = [cell for cell in re.split(r"[,\r\n]", answer.text) if cell.strip('"').startswith("=")]
    yield "export", (answer.status, wrong), answer.status == 200 and "HYPERLINK" in answer.text and not wrong


@attack(57, "templates in names")
def templates_in_names(target: Target) -> Iterator[Tried]:
    key, text = target.key(), "{{7*7}}${7*7}<%= 7*7 %>"
    made = key.send("POST", "/api/v1/customers", {"email": "ssti@example.org", "first_name": text})
    found = made.json.get("data", {}).get("customer", {}).get("id", 1)
    for path in (f"/staff/customers/{found}", "/staff/customers?q=ssti@example.org"):
        page = target.owner().get(path)
        yield path, page.status, page.status == 200 and "49$" not in page.text
