"""Attacks without an account: learning, ordering, redeeming, exceeding limits."""

import json
from collections.abc import Iterator

from bench.attack.client import PUBLIC, Target
from bench.attack.registry import Tried, attack
from shop.demo.load import SLUG

ORDER = f"{PUBLIC}/checkout/create-order"


def order(target: Target, email: str, **more: object) -> dict[str, object]:
    """Return the body of a guest's order."""
    item = {"product_id": target.product()["id"], "quantity": 1}
    customer = {"email": email, "first_name": "Typed"}
    return {"customer": customer, "items": [item], "payment_method": "cod", **more}


@attack(49, "order in a customer's name tells nothing of them")
def order_in_a_name(target: Target) -> Iterator[Tried]:
    known, unknown = target.customer["email"], "nobody-here@example.org"
    bodies = []
    for email in (known, unknown):
        answer = target.visitor().send("POST", ORDER, order(target, email))
        yield "an order is placed", answer.status, answer.status == 201
        said = answer.json.get("data", {}).get("order", {}).get("customer", {})
        bodies.append({name: value for name, value in said.items() if name != "email"})
    yield "customer in the answer", bodies[0], bodies[0] == bodies[1] and target.customer["phone"] not in str(bodies)


@attack(43, "two coupons")
def two_coupons(target: Target) -> Iterator[Tried]:
    for coupons in (["A", "B"], "WELCOME10,WELCOME10"):
        answer = target.visitor().send("POST", ORDER, order(target, "c@example.org", coupon_code=coupons))
        yield f"coupon {coupons!r}", answer.status, answer.status == 400


@attack(41, "odd quantities")
def quantities(target: Target) -> Iterator[Tried]:
    product = target.product()["id"]
    for text in ("-1", "0", "1e400000", "1e999999999", "1.5", '"1"', "true", str(2**63), "9" * 5000, "NaN"):
        body = f'{{"customer":{{"email":"q@example.org"}},"items":[{{"product_id":{product},"quantity":{text}}}]}}'
        answer = target.visitor().call("POST", ORDER, body.encode(), Content_Type="application/json")
        yield f"quantity {text[:20]}", answer.status, answer.status == 400


@attack(42, "prices in the body")
def prices(target: Target) -> Iterator[Tried]:
    product = target.product()
    body = order(target, "p@example.org", total=1, discount=999)
    body["items"] = [{"product_id": product["id"], "quantity": 1, "price": 0.01}]
    answer = target.visitor().send("POST", ORDER, body)
    paid = answer.json.get("data", {}).get("order", {}).get("subtotal")
    yield "subtotal", paid, answer.status == 400 or float(paid) > 1


@attack(45, "delivery left out, and to a country that is not served")
def delivery(target: Target) -> Iterator[Tried]:
    address = {"first_name": "A", "address1": "Road 1", "city": "Berlin", "country": "DE"}
    home = {**address, "city": "Nairobi", "country": "KE"}
    answer = target.visitor().send("POST", ORDER, order(target, "d@example.org", shipping_address=home))
    cost = answer.json.get("data", {}).get("order", {}).get("shipping")
    yield "no method", (answer.status, cost), answer.status == 409 or float(cost or 0) > 0
    for extra in ({}, {"shipping_method_id": 1}):
        answer = target.visitor().send("POST", ORDER, order(target, "d@example.org", shipping_address=address, **extra))
        yield f"Germany {extra}", (answer.status, answer.code), answer.status in (400, 409)


@attack(46, "the whole stock, unpaid")
def whole_stock(target: Target) -> Iterator[Tried]:
    body = order(target, "s@example.org")
    body["items"] = [{"product_id": target.product()["id"], "quantity": 51}]
    answer = target.visitor().send("POST", ORDER, body)
    yield "51 pieces", (answer.status, answer.code), answer.status in (400, 409)


@attack(40, "redeeming with a bad token, negative and huge points")
def redeeming(target: Target) -> Iterator[Tried]:
    for points in (10, -10, 2**53 + 1):
        redemption = {"token": "0" * 64, "points": points}
        body = order(target, target.customer["email"], loyalty_redemption=redemption)
        answer = target.visitor().send("POST", ORDER, body)
        refused = (400, "invalid_redemption_token") if points == 10 else (400, answer.code)
        yield f"{points} points", (answer.status, answer.code), (answer.status, answer.code) == refused


@attack(47, "status of an order without its token")
def order_status(target: Target) -> Iterator[Tried]:
    for query in ("", "?payment_token=" + "0" * 64, "?payment_token="):
        answer = target.visitor().get(f"{PUBLIC}/orders/1/payment-status{query}")
        yield f"order 1{query[:20]}", answer.status, answer.status in (400, 401, 404)


@attack(48, "paying another's order")
def payment_of_another(target: Target) -> Iterator[Tried]:
    for token in ("", "0" * 64):
        body = {"order_id": 1, "gateway_name": "cod", "payment_data": {"payment_token": token}}
        answer = target.visitor().send("POST", f"{PUBLIC}/checkout/process-payment", body)
        yield f"token {token[:4]!r}", answer.status, answer.status in (400, 401, 404)


@attack(50, "another guest's Idempotency-Key")
def idempotency(target: Target) -> Iterator[Tried]:
    body = order(target, "i@example.org")
    first = target.visitor().send("POST", ORDER, body, Idempotency_Key="attack-key-1")
    changed = target.visitor().send("POST", ORDER, {**body, "notes": "x"}, Idempotency_Key="attack-key-1")
    again = target.visitor(50).send("POST", ORDER, body, Idempotency_Key="attack-key-1")
    yield "same key and body", again.status, first.status != 201 or again.json != first.json
    yield "same key, other body", changed.status, changed.status in (201, 409, 422, 429)
    yield "first answer", first.status, first.status in (201, 422, 429)


def wrong_codes(target: Target) -> Iterator[Tried]:
    """Try wrong codes for a known and an unknown person, whose responses must be equal."""
    path = f"{PUBLIC}/loyalty/redemption/verify-otp"
    answers = []
    for email in (target.customer["email"], "nobody-here@example.org"):
        answer = target.visitor().send("POST", path, {"email": email, "code": "000000"})
        answers.append((answer.status, answer.json.get("message"), answer.code))
    yield "answers", answers[0], answers[0] == answers[1] and answers[0][0] in (400, 429)
    answer = target.visitor().send("POST", path, {"email": target.customer["email"], "code": "12"})
    yield "two digits", answer.status, answer.status in (400, 429)


@attack(33, "checkout steps without a token, and with a wrong one")
def checkout_steps(target: Target) -> Iterator[Tried]:
    page = target.visitor().get(f"/checkout/{SLUG}?items={target.product()['id']}:1")
    yield "the checkout is there", page.status, page.status == 200
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    for step in ("quote", "code", "unlock", "order", "payment"):
        for token, status in ((None, 401), ("0" * 64, 404)):
            sent = form | ({"X_Tuza_Checkout": token} if token else {})
            answer = target.visitor().call("POST", f"/checkout/{SLUG}/1/{step}", b"shown_cents=1", **sent)
            yield f"{step}, token {token}", answer.status, answer.status == status


@attack(68, "deep, long and wide JSON")
def json_bombs(target: Target) -> Iterator[Tried]:
    bodies = {
        "100,000 deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        "200,000 brackets": b"[" * 200_000,
        "80,000 keys": json.dumps({f"k{number}": 1 for number in range(80_000)}).encode(),
        "30,000 items": json.dumps({"items": [{"product_id": "x"}] * 30_000}).encode(),
        "6 MB": b'"' + b"x" * 6_000_000 + b'"',
    }
    for name, body in bodies.items():
        answer = target.visitor().call("POST", ORDER, body, Content_Type="application/json")
        yield name, answer.status, answer.status in (400, 413)


@attack(71, "order mails to one mailbox and from one address", late=True)
def mail_cannon(target: Target) -> Iterator[Tried]:
    statuses = []
    for _ in range(35):
        statuses.append(target.visitor().send("POST", ORDER, order(target, "victim@example.org")).status)
    yield "35 orders", sorted(set(statuses)), 429 in statuses


@attack(38, "codes for many mailboxes from one address", late=True)
def code_flood(target: Target) -> Iterator[Tried]:
    path = f"{PUBLIC}/loyalty/redemption/send-otp"
    statuses = [target.visitor().send("POST", path, {"email": f"n{number}@example.org"}).status for number in range(65)]
    yield "65 codes", sorted(set(statuses)), 429 in statuses


@attack(18, "guessed passwords with made-up addresses", late=True)
def sign_in_guesses(target: Target) -> Iterator[Tried]:
    path = f"{PUBLIC}/auth/login"
    statuses = []
    for number in range(15):
        body = {"email": target.customer["email"], "password": f"wrong-{number}"}
        made_up = f"203.0.113.{number}"
        answer = target.visitor().send(
            "POST", path, body, X_Forwarded_For=made_up, X_Real_IP=made_up, Forwarded=f"for={made_up}"
        )
        statuses.append(answer.status)
    yield "15 guesses", statuses, 200 not in statuses and 429 in statuses
