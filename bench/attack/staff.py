"""Attacks on staff accounts: invitations, links, roles, sessions, tokens."""

import re
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from bench.attack.client import TOKEN, AttackClient, Target
from bench.attack.registry import Tried, attack

PASSWORD = "nane-kahawa-tamu-73"
LINK = re.compile(r"https?://\S+/staff/(?:join|new-password)\S*")
OWNERS = ("/staff/settings/keys", "/staff/settings/payments", "/staff/settings/staff")
MANAGERS = (
    "/staff/settings/store",
    "/staff/settings/loyalty",
    "/staff/settings/audit",
    "/staff/customers.csv",
)


def invite(target: Target, role: str, number: int) -> tuple[AttackClient, str, str]:
    """Invite someone as the owner; return them with an open link, their e-mail and the path of the link."""
    email, owner = f"i{uuid.uuid4().hex[:8]}@example.org", target.owner()
    confirm_password(target, owner)
    owner.form("/staff/settings/staff/invite", page="/staff/settings/staff", email=email, role=role)
    return target.visitor(number), email, mailed_link(target, email)


def confirm_password(target: Target, owner: AttackClient) -> None:
    """Enter the owner's password again, as pages of staff and keys ask for."""
    password = target.demo["staff"]["password"]
    owner.form("/staff/confirm-password?next=/staff/account", page="/staff/account", confirmation_password=password)


def mailed_link(target: Target, email: str, known: tuple[str, ...] = ()) -> str:
    """Return path and query of the newest link that was mailed to someone; empty without one."""
    found = LINK.search(target.mail_to(email, known))
    return found[0].replace(f"{urlsplit(found[0]).scheme}://{urlsplit(found[0]).netloc}", "") if found else ""


def join(target: Target, role: str, number: int) -> tuple[AttackClient, str]:
    """Return a signed-in member of staff who has just joined, and their e-mail."""
    client, email, link = invite(target, role, number)
    client.get(link)
    client.form("/staff/join", name="Mgeni Mpya", password=PASSWORD)
    return client, email


@attack(12, "an invitation used twice")
def invitation_used_twice(target: Target) -> Iterator[Tried]:
    client, _email, link = invite(target, "clerk", 12)
    yield "a link was mailed", link[:14], bool(link)
    client.get(link)
    joined = client.form("/staff/join", name="Mgeni", password=PASSWORD)
    yield "joined", joined.status, joined.status in (302, 303)
    again = target.visitor(12).get(link)
    yield "the link again", again.status, again.status == 404


@attack(13, "the secret of an invitation in the address of its page")
def invitation_in_the_log(target: Target) -> Iterator[Tried]:
    client, _email, link = invite(target, "clerk", 13)
    answer = client.get(link)
    place = answer.headers.get("location", "")
    yield "exchanged", (answer.status, place), answer.status == 303 and not re.search(r"[0-9a-f]{64}", place)


@attack(11, "a link for a new password, raced and reused")
def reset_link(target: Target) -> Iterator[Tried]:
    _client, email = join(target, "clerk", 11)
    known = tuple(target.mails_to(email))
    target.visitor(11).form("/staff/forgotten-password", email=email)
    link = mailed_link(target, email, known)
    yield "a link was mailed", link[:20], bool(link)

    def use(number: int) -> int:
        client = target.visitor(11)
        client.get(link)
        return client.form("/staff/new-password", password=f"{PASSWORD}-{number}").status

    with ThreadPoolExecutor(5) as pool:
        statuses = list(pool.map(use, range(5)))
    yield "five at once", sorted(statuses), sum(status in (302, 303) for status in statuses) == 1
    again = target.visitor(11).get(link)
    yield "the link again", again.status, again.status == 404


@attack(10, "cookies after signing out everywhere, and after leaving the shop")
def other_devices(target: Target) -> Iterator[Tried]:
    client, email = join(target, "clerk", 10)
    yield "signed in", client.get("/staff/customers").status, client.get("/staff/customers").status == 200
    other = target.visitor(9)
    other.form("/staff/sign-in", email=email, password=PASSWORD)
    yield "on another device", other.get("/staff/customers").status, other.get("/staff/customers").status == 200
    client.form("/staff/account/sign-out-everywhere", page="/staff/account/devices")
    yield "the other device", other.get("/staff/customers").status, other.get("/staff/customers").status == 302
    owner = target.owner()
    page = owner.get("/staff/settings/staff").text
    row = page[page.find(email) :]
    found = re.search(r"/staff/settings/staff/(\d+)/remove", row)
    owner.form(f"/staff/settings/staff/{found[1] if found else 0}/remove", page="/staff/settings/staff", sure="1")
    yield "after leaving", client.get("/staff/customers").status, client.get("/staff/customers").status in (302, 403)


@attack(21, "a clerk's and a manager's pages of others")
def pages_of_others(target: Target) -> Iterator[Tried]:
    clerk, _ = join(target, "clerk", 21)
    manager, _ = join(target, "manager", 22)
    for name, client, paths in (("clerk", clerk, OWNERS + MANAGERS), ("manager", manager, OWNERS)):
        yield name, client.get("/staff/customers").status, client.get("/staff/customers").status == 200
        for path in paths:
            status = client.get(path).status
            yield f"{name} {path}", status, status == 403


@attack(22, "lists that a clerk takes home by the API")
def clerk_reads(target: Target) -> Iterator[Tried]:
    clerk, _ = join(target, "clerk", 23)
    for path in ("customers", "orders", "marketing/loyalty/balances", "marketing/loyalty/ledger",
                 "customers/loyalty-registrations", "settings"):  # fmt: skip
        status = clerk.get(f"/api/v1/{path}?limit=100").status
        yield path, status, status == 403
    yield "one customer, as on the pages", clerk.get("/api/v1/customers/1").status, True


@attack(23, "writes of a clerk by the API")
def clerk_writes(target: Target) -> Iterator[Tried]:
    clerk, _ = join(target, "clerk", 24)
    found = TOKEN.search(clerk.get("/staff/account").text)
    headers = {"X_CSRFToken": found[1] if found else "", "Origin": target.base}
    for method, path, body in (
        ("DELETE", "/customers/1", {}),
        ("PATCH", "/customers/1", {"email": "clerk@example.org"}),
        ("PUT", "/customers/1/password", {"password": PASSWORD}),
        ("PATCH", "/orders/1/payment-status", {"payment_status": "refunded"}),
        ("POST", "/orders/1/refunds", {"reason": "x"}),
        ("PUT", "/settings/shop/store_name", {"value": "Mine"}),
        ("POST", "/marketing/coupons", {"code": "FREE", "type": "percentage", "value": "100"}),
        ("POST", "/marketing/loyalty/adjust", {"customer_id": 1, "points": 900_000, "note": "x"}),
    ):
        answer = clerk.send(method, f"/api/v1{path}", body, **headers)
        yield f"{method} {path}", (answer.status, answer.code), answer.status == 403


@attack(27, "the CSRF token of another session")
def token_of_another(target: Target) -> Iterator[Tried]:
    other, owner = target.visitor(), target.owner()
    found = TOKEN.search(other.get("/staff/sign-in").text)
    data = f"csrf_token={found[1] if found else ''}&content=x".encode()
    kind = "application/x-www-form-urlencoded"
    answer = owner.call("POST", "/staff/customers/1/notes", data, Content_Type=kind, Origin=target.base)
    yield "a note", answer.status, answer.status in (400, 403)
    note = {"content": "x"}
    answer = owner.send("POST", "/api/v1/customers/1/notes", note, X_CSRFToken=found[1] if found else "")
    yield "by the API", answer.status, answer.status == 403
