"""Thirteen months of a shop by the API alone, in two time zones."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.support.sandbox import PUBLIC, SandboxCaller

JANE = "jane@example.com"
PHONE = "0712345678"


@pytest.fixture(params=["Africa/Nairobi", "Europe/Berlin"])
def zone(request):
    """The shop's time zone."""
    return request.param


@pytest.fixture
def sandbox(app, zone):
    """A sandbox in that time zone."""
    return SandboxCaller.made(app, shop_timezone=zone)


def local(text, zone):
    return datetime.fromisoformat(text).astimezone(ZoneInfo(zone))


def code_of(message):
    return "".join(re.search(r"\b(\d{3}) (\d{3})\b", message["subject"]).groups())


def token(sandbox):
    """A redemption token by a one-time code from the inbox."""
    sandbox.data("POST", f"{PUBLIC}/loyalty/redemption/send-otp", {"email": JANE})
    code = code_of(sandbox.messages(JANE)[-1])
    body = {"email": JANE, "code": code}
    return sandbox.data("POST", f"{PUBLIC}/loyalty/redemption/verify-otp", body)["redemption_token"]


def test_a_year_and_a_month(sandbox, zone):
    start = sandbox.now()
    sold = {"customer_email": JANE, "subtotal": "5000.00", "payment_status": "paid"}
    first = sandbox.data("POST", "/orders", sold, status=201)["order"]
    customer = first["customer_id"]
    sandbox.assert_events(["customer.created", "points.earned", "order.placed", "order.paid"])

    # An order that no one pays ends after its 30 minutes, and not before.
    unpaid = sandbox.order(JANE)["order"]["id"]
    assert [line.partition(" ")[2] for line in sandbox.advance("PT29M")] == ["messages"]  # of the order itself
    assert sandbox.data("GET", f"/orders/{unpaid}")["order"]["status"] == "pending"
    sandbox.assert_events(["order.placed"])
    assert [line.partition(" ")[2] for line in sandbox.advance("PT2M")] == ["payments", "messages"]
    assert sandbox.data("GET", f"/orders/{unpaid}")["order"]["status"] == "cancelled"
    sandbox.assert_events(["order.cancelled"])

    # A prompt is answered automatically, and the order earns its points.
    paid = sandbox.order(JANE)
    asked = {"order_id": paid["order"]["id"], "gateway_name": "mpesa"}
    asked["payment_data"] = {"phone": PHONE, "payment_token": paid["order"]["payment_token"]}
    sandbox.data("POST", f"{PUBLIC}/checkout/process-payment", asked)
    sandbox.advance("PT1M")
    assert sandbox.data("GET", f"/orders/{paid['order']['id']}")["order"]["payment_status"] == "paid"
    sandbox.assert_events(["order.placed", "points.earned", "order.paid"])

    # A token lives for 30 minutes; a fresh one spends points.
    old = token(sandbox)
    sandbox.advance("PT31M")
    assert sandbox.order(JANE, 400, loyalty_redemption={"token": old, "points": 100}) == "invalid_redemption_token"
    spent = sandbox.order(JANE, loyalty_redemption={"token": token(sandbox), "points": 100})["order"]["id"]
    sandbox.assert_events(["order.placed", "points.redeemed"])

    # The order is not paid either: its points return, and then the months pass.
    happened = sandbox.advance("P13M")
    assert [line.partition(" ")[2] for line in happened][:3] == ["messages", "payments", "messages"]
    assert sandbox.data("GET", f"/orders/{spent}")["order"]["status"] == "cancelled"
    assert sandbox.entries(customer) == [("earn", 5000), ("earn", 1000), ("redeem", -100), ("adjust", 100)]
    sandbox.assert_events(["points.returned", "order.cancelled"])
    began, ended = local(start, zone), local(sandbox.now(), zone)
    assert (ended.year * 12 + ended.month) - (began.year * 12 + began.month) in {13, 14}
    once = ["order_placed", "order_unpaid", "order_placed", "otp_code", "otp_code"]
    sandbox.assert_messages(JANE, [*once, "order_placed", "order_unpaid"])

    # Half of the first order is refunded after all these months, and with it half of its points.
    half = {"amount": "2500.00", "reason": "Broken"}
    refunded = sandbox.data("POST", f"/orders/{first['id']}/refunds", half, status=201)
    assert refunded["order"]["refunds"][0]["points_taken_back"] == 2500
    assert sandbox.entries(customer)[-1] == ("adjust", -2500)
    sandbox.assert_events(["points.reversed", "order.refunded"])


def test_an_idempotency_key_is_forgotten_after_a_day(sandbox):
    def record():
        sold = {"customer_email": JANE, "subtotal": "100.00"}
        return sandbox.call("POST", "/orders", json=sold, headers={"Idempotency-Key": "monday"})

    first = record().json["data"]["order"]["id"]
    sandbox.advance("PT23H")
    assert record().json["data"]["order"]["id"] == first
    sandbox.advance("PT2H")
    assert record().json["data"]["order"]["id"] != first


def test_a_coupon_ends_at_the_end_of_the_shops_day(sandbox, zone):
    last = local(sandbox.now(), zone).date().replace(day=28)
    coupon = {"code": "MWISHO", "type": "fixed", "value": "10.00", "end_date": last.isoformat()}
    sandbox.data("POST", "/marketing/coupons", coupon, status=201)
    product = sandbox.data("GET", f"{PUBLIC}/products")["products"][0]["id"]
    body = {"coupon_code": "MWISHO", "items": [{"product_id": product, "quantity": 1}]}

    def check():
        return sandbox.client.post(f"{PUBLIC}/checkout/validate-coupon", json=body).status_code

    before = datetime(last.year, last.month, last.day, 23, 59, tzinfo=ZoneInfo(zone))
    if before.isoformat() > local(sandbox.now(), zone).isoformat():
        sandbox.data("POST", "/sandbox/clock", {"to": before.isoformat()})
        assert check() == 200
    sandbox.advance("PT2M")
    assert check() == 400
