"""Attacks with unusual requests: hosts, methods, forms, pictures, carts."""

import struct
import zlib
from collections.abc import Iterator
from urllib.parse import urlsplit

from bench.attack.client import PUBLIC, Target
from bench.attack.registry import Tried, attack
from bench.attack.strangers import ORDER, order
from shop.demo.load import SLUG

BOUNDARY = "tuza-attack"
FORM = "application/x-www-form-urlencoded"


@attack(4, "unknown hosts and none")
def hosts(target: Target) -> Iterator[Tried]:
    for host in ("evil.example", "localhost@evil.example", ""):
        lines = f"Host: {host}\r\n" if host else ""
        version = "1.1" if host else "1.0"
        request = f"GET {PUBLIC}/settings HTTP/{version}\r\n{lines}Connection: close\r\n\r\n"
        got = target.visitor().raw(request.encode())
        status = got.split(b" ", 2)[1:2]
        yield host or "no host", status, b"evil" not in got and status[0][:1] in (b"2", b"4")


@attack(5, "a host in the mail of a forgotten password")
def host_in_mail(target: Target) -> Iterator[Tried]:
    email = target.demo["staff"]["email"]
    known = target.mails_to(email)
    answer = target.visitor().form("/staff/forgotten-password", email=email)
    yield "asked", answer.status, answer.status in (200, 302, 303, 429)
    evil = target.visitor().call(
        "POST", "/staff/forgotten-password", b"email=x", Host="evil.example", Content_Type=FORM
    )
    yield "by another host", evil.status, evil.status in (400, 403, 404)
    mail = target.mail_to(email, known)
    place = urlsplit(target.base)
    yield "link", "evil" in mail, "evil" not in mail and (not mail or f"{place.scheme}://" in mail)


@attack(30, "the checkout framed by other pages")
def framing(target: Target) -> Iterator[Tried]:
    for origin in ("https://evil.example", "null", "https://evil.example/", target.base + ".evil.example"):
        answer = target.visitor().get(f"/checkout/{SLUG}?items={target.product()['id']}:1&origin={origin}")
        policy = answer.headers.get("content-security-policy", "")
        allowed = policy.partition("frame-ancestors ")[2].partition(";")[0]
        yield origin, (answer.status, allowed), answer.status in (400, 403) or "evil" not in allowed


@attack(32, "messages to any window")
def window_messages(target: Target) -> Iterator[Tried]:
    for script in ("embed.js", "js/checkout.js", "widget.js"):
        text = target.visitor().get(f"/static/{script}").text
        calls = [line.strip() for line in text.splitlines() if "postMessage(" in line]
        yield script, len(calls), not any('"*"' in call or "'*'" in call for call in calls)


@attack(44, "the same article three times, over the stock")
def lines_over_the_stock(target: Target) -> Iterator[Tried]:
    product = target.product()
    target.key().send("POST", f"/api/v1/products/{product['id']}/stock", {"quantity": 0})
    body = order(target, "lines@example.org")
    body["items"] = [{"product_id": product["id"], "quantity": 40_000}] * 3
    answer = target.visitor(44).send("POST", ORDER, body)
    yield "three lines", (answer.status, answer.code), answer.status in (400, 409)


@attack(51, "M-Pesa callbacks without the secret")
def callbacks(target: Target) -> Iterator[Tried]:
    result = {"Body": {"stkCallback": {"MerchantRequestID": "1", "CheckoutRequestID": "1", "ResultCode": 0}}}
    for token in ("0" * 64, "x", "..%2f.."):
        answer = target.visitor().send("POST", f"{PUBLIC}/payments/callbacks/{token}", result)
        yield token[:6], answer.status, answer.status in (400, 404)


def png(width: int, height: int) -> bytes:
    """Return the beginning of a PNG that claims a size."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(head)) + chunk + struct.pack(">I", zlib.crc32(chunk))


def multipart(name: str, content: bytes, kind: str) -> bytes:
    """Return a form with one file."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="{name}"\r\nContent-Type: {kind}'
    return f"{head}\r\n\r\n".encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


@attack(64, "pictures that are none, huge or named like paths")
def pictures(target: Target) -> Iterator[Tried]:
    path = f"/api/v1/products/{target.product()['id']}/images"
    for name, content, kind in (
        ("a.html", b"<script>alert(1)</script>", "text/html"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml"),
        ("a.gif", b"GIF89a" + b"\0" * 40, "image/gif"),
        ("a.png", png(60_000, 60_000), "image/png"),
        ("big.png", png(10, 10) + b"\0" * 6_000_000, "image/png"),
        ("../../a.png", b"not a picture", "image/png"),
    ):
        body = multipart(name, content, kind)
        answer = target.key().call("POST", path, body, Content_Type=f"multipart/form-data; boundary={BOUNDARY}")
        yield name, answer.status, answer.status in (400, 413, 415, 422)


@attack(65, "a picture with a page at its end")
def polyglot(target: Target) -> Iterator[Tried]:
    path = f"/api/v1/products/{target.product()['id']}/images"
    body = multipart("a.png", small_png() + b"<script>alert(1)</script>", "image/png")
    key = target.key()
    answer = key.call("POST", path, body, Content_Type=f"multipart/form-data; boundary={BOUNDARY}")
    yield "upload", answer.status, answer.status in (201, 400, 413, 422)
    urls = [part for part in answer.text.split('"') if "/media/" in part]
    for url in urls[:3]:
        served = target.visitor().get("/media/" + url.partition("/media/")[2])
        kind = served.headers.get("content-type", "")
        is_picture = kind.startswith("image/") and served.headers.get("x-content-type-options") == "nosniff"
        yield url[-30:], kind, served.status == 404 or (is_picture and b"<script>" not in served.body)


def small_png() -> bytes:
    """Return a red picture of 400 × 400."""
    rows = zlib.compress((b"\0" + b"\xff\0\0" * 400) * 400)
    data = struct.pack(">I", len(rows)) + b"IDAT" + rows + struct.pack(">I", zlib.crc32(b"IDAT" + rows))
    return png(400, 400) + data + struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))


@attack(69, "forms with very many fields")
def many_fields(target: Target) -> Iterator[Tried]:
    for count in (100_000, 300_000):
        body = "&".join(f"f{number}=1" for number in range(count)).encode()
        answer = target.visitor().call("POST", "/staff/sign-in", body, Content_Type=FORM)
        yield f"{count:,} fields", answer.status, answer.status < 500
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="f"\r\n\r\n1\r\n'
    body = head.encode() * 12_000 + f"--{BOUNDARY}--\r\n".encode()
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    answer = target.visitor().call("POST", "/staff/sign-in", body, Content_Type=kind)
    yield "12,000 parts", answer.status, answer.status in (400, 403, 413)


@attack(72, "rows without end by one stranger", late=True)
def anonymous_rows(target: Target) -> Iterator[Tried]:
    item = {"product_id": target.product()["id"], "quantity": 1}
    statuses = []
    for number in range(65):
        cart = {"email": f"left{number}@example.org", "items": [item]}
        statuses.append(target.visitor(72).send("POST", f"{PUBLIC}/marketing/abandoned-carts", cart).status)
    yield "65 carts", sorted(set(statuses)), 429 in statuses


@attack(74, "consoles and odd methods")
def odd_methods(target: Target) -> Iterator[Tried]:
    for method, path in (("GET", "/console"), ("GET", "/_debug"), ("TRACE", "/staff/sign-in"), ("TRACE", "/")):
        answer = target.visitor().call(method, path)
        yield f"{method} {path}", answer.status, answer.status in (404, 405, 501)


@attack(78, "what is left of a deleted customer")
def deleted_customer(target: Target) -> Iterator[Tried]:
    key, name = target.key(), "Zedekiah"
    email = f"{name.lower()}@example.org"
    made = key.send("POST", "/api/v1/customers", {"email": email, "first_name": name, "phone": "0767998877"})
    found = made.json["data"]["customer"]["id"]
    key.send("POST", f"/api/v1/customers/{found}/notes", {"content": f"{name} is ill"}, Idempotency_Key="erase-1")
    key.call("DELETE", f"/api/v1/customers/{found}")
    for path in (f"/api/v1/customers/{found}", f"/api/v1/customers?search={name}", f"/api/v1/orders?search={name}"):
        yield path[:24], key.get(path).status, name not in key.get(path).text
    for path in (f"/staff/customers.csv?q={name}", "/staff/customers", "/staff/settings/audit"):
        yield path, "", name not in target.owner().get(path).text
