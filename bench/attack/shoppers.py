"""Attacks on shoppers' accounts, codes and the steps of the checkout."""

import re
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

from bench.attack.client import PUBLIC, AttackClient, Target
from bench.attack.registry import Tried, attack
from bench.attack.strangers import ORDER, order, wrong_codes
from shop.demo.load import SLUG

PASSWORD = "maziwa-na-chai-9"
CODE = re.compile(r"\b(\d{3}) (\d{3})\b")
LINK = re.compile(r"token=([\w-]+)")


def post(client: AttackClient, path: str, body: object, **headers: str) -> tuple[int, str]:
    """Send JSON to the storefront; return status and code of the error."""
    answer = client.send("POST", f"{PUBLIC}{path}", body, **headers)
    return answer.status, answer.code


def register(target: Target, email: str, client: AttackClient) -> str:
    """Register a shopper and return the token of the mailed link."""
    known = target.mails_to(email)
    post(client, "/auth/register", {"email": email, "password": PASSWORD, "first_name": "A", "last_name": "B"})
    found = LINK.search(target.mail_to(email, known))
    return found[1] if found else ""


@attack(7, "a shopper's session that was fixed before sign-in")
def shopper_fixation(target: Target) -> Iterator[Tried]:
    email, client = f"s{uuid.uuid4().hex[:8]}@example.org", target.visitor(7)
    token = register(target, email, client)
    yield "a link was mailed", bool(token), bool(token)
    post(client, "/auth/set-password", {"token": token, "password": PASSWORD})
    shopper = target.visitor(7)
    shopper.send("POST", f"{PUBLIC}/cart", {"product_id": target.product()["id"], "quantity": 1}, Origin=target.base)
    planted = dict(shopper.jar)
    status = post(shopper, "/auth/login", {"email": email, "password": PASSWORD}, Origin=target.base)
    yield "signed in", status, status[0] == 200
    copy = AttackClient(target.base, planted)
    answer = copy.get(f"{PUBLIC}/auth/me")
    yield "the planted cookie", answer.json.get("data"), email not in answer.text


@attack(14, "an account made before its owner comes")
def registration_before_the_owner(target: Target) -> Iterator[Tried]:
    customer, thief = target.demo["customers"][6], target.visitor(14)
    email = customer["email"]
    post(thief, "/auth/register", {"email": email, "password": PASSWORD, "first_name": "T", "last_name": "T"})
    post(thief, "/auth/login", {"email": email, "password": PASSWORD}, Origin=target.base)
    stored = target.key().get(f"/api/v1/customers/{customer['id']}").json["data"]["customer"]
    for path in ("profile", "addresses", "orders", "loyalty"):
        answer = thief.get(f"{PUBLIC}/customer/{path}")
        told = [text for text in (stored["phone"], stored["last_name"]) if text and text in answer.text]
        balance = answer.json.get("data", {}).get("points_balance", 0) if answer.status == 200 else 0
        yield path, (answer.status, told, balance), not told and not balance


@attack(15, "a registration sent again by its key")
def replayed_registration(target: Target) -> Iterator[Tried]:
    email = f"r{uuid.uuid4().hex[:8]}@example.org"
    body = {"email": email, "password": PASSWORD, "first_name": "A", "last_name": "B"}
    target.visitor(15).send("POST", f"{PUBLIC}/auth/register", body, Idempotency_Key="register-attack")
    client = target.visitor(15)
    answer = client.send("POST", f"{PUBLIC}/auth/register", body, Idempotency_Key="register-attack")
    yield "sent again", answer.status, answer.status in (200, 201, 202) and not answer.cookies
    yield "who am I", client.get(f"{PUBLIC}/auth/me").status, email not in client.get(f"{PUBLIC}/auth/me").text


@attack(16, "a mailed link used twice")
def link_used_twice(target: Target) -> Iterator[Tried]:
    email = f"l{uuid.uuid4().hex[:8]}@example.org"
    token = register(target, email, target.visitor(16))
    body = {"token": token, "password": PASSWORD}
    first, second = (post(target.visitor(16), "/auth/set-password", body) for _ in range(2))
    yield "first", first, first[0] == 200
    yield "second", second, second[0] in (400, 404, 409)


@attack(28, "a shopper's write from another site")
def shopper_csrf(target: Target) -> Iterator[Tried]:
    item = {"product_id": target.product()["id"], "quantity": 1}
    shopper = target.visitor(28)
    shopper.send("POST", f"{PUBLIC}/cart", item, Origin=target.base)
    yield "a session", len(shopper.jar), bool(shopper.jar)
    for name, headers in {
        "another origin": {"Origin": "https://evil.example"},
        "null": {"Origin": "null"},
        "a longer name": {"Origin": f"{target.base}.evil.example"},
        "another port": {"Origin": f"{target.base}0"},
        "cross-site": {"Sec_Fetch_Site": "cross-site"},
        "a referrer": {"Referer": "https://evil.example/page"},
    }.items():
        status = post(shopper, "/cart", item, **headers)
        yield name, status, status[0] == 403


@attack(34, "an order for another sum than was shown")
def other_sum(target: Target) -> Iterator[Tried]:
    client = target.visitor(34)
    page = client.get(f"/checkout/{SLUG}?items={target.product()['id']}:1").text
    token, base = re.search(r'data-token="([^"]+)"', page), re.search(r'data-base="([^"]+)"', page)
    form = {"email": "sum@example.org", "first_name": "A", "shown_cents": "1", "payment_method": "cod"}
    headers = {"X_Tuza_Checkout": token[1] if token else "", "Content_Type": "application/x-www-form-urlencoded"}
    answer = client.call("POST", f"{base[1] if base else ''}/order", urlencode(form).encode(), **headers)
    yield "1 cent", answer.status, answer.status in (400, 409, 422)


def ask_for_code(target: Target, email: str, number: int) -> str:
    """Request a code and return it from the mail."""
    known = target.mails_to(email)
    post(target.visitor(number), "/loyalty/redemption/send-otp", {"email": email})
    found = CODE.search(target.mail_to(email, known))
    return found[1] + found[2] if found else ""


def wealthy(target: Target) -> str:
    """Make a customer with 2,000 points and return their e-mail."""
    key, email = target.key(), f"w{uuid.uuid4().hex[:8]}@example.org"
    made = key.send("POST", "/api/v1/customers", {"email": email}).json["data"]["customer"]
    key.send("POST", "/api/v1/marketing/loyalty/adjust", {"customer_id": made["id"], "points": 2000, "note": "attack"})
    return email


@attack(35, "codes: the sixth try, and races for codes and tokens")
def codes_and_tokens(target: Target) -> Iterator[Tried]:
    path, email = "/loyalty/redemption/verify-otp", wealthy(target)
    code = ask_for_code(target, email, 35)
    yield "a code was mailed", len(code), len(code) == 6
    wrong = "000000" if code != "000000" else "111111"
    statuses = [post(target.visitor(35), path, {"email": email, "code": wrong})[0] for _ in range(5)]
    sixth = post(target.visitor(35), path, {"email": email, "code": code})
    yield "the sixth try, right", (statuses, sixth), sixth[0] in (400, 429)
    email = wealthy(target)
    right = {"email": email, "code": ask_for_code(target, email, 36)}
    with ThreadPoolExecutor(8) as pool:
        tries = list(pool.map(lambda _: target.visitor(36).send("POST", PUBLIC + path, right), range(8)))
    tokens = {answer.json["data"]["redemption_token"] for answer in tries if answer.status == 200}
    yield "one code, eight at once", sorted(answer.status for answer in tries), len(tokens) == 1
    body = order(target, email, loyalty_redemption={"token": min(tokens, default=""), "points": 100})
    with ThreadPoolExecutor(6) as pool:
        orders = list(pool.map(lambda _: target.visitor(37).send("POST", ORDER, body).status, range(6)))
    yield "one token, six at once", sorted(orders), orders.count(201) == 1
    yield from wrong_codes(target)


@attack(20, "one account guessed from thirteen addresses", late=True)
def guesses_from_many(target: Target) -> Iterator[Tried]:
    email = target.demo["staff"]["email"]
    statuses = []
    for number in range(100, 113):
        answer = target.visitor(number).form("/staff/sign-in", email=email, password=f"wrong-{number}")
        statuses.append(answer.status)
    yield "13 guesses", sorted(set(statuses)), not {302, 303} & set(statuses)
