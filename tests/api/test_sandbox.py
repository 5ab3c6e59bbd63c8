"""Sandbox shops by the API: the clock, the messages, the reset; and that none of it works in a live shop."""

from datetime import datetime, timedelta

import pytest

from shop.services.sandbox.shops import create_sandbox
from shop.services.shops.shops import find_shop_for_host, get_shop
from tests import factories
from tests.support.sandbox import PUBLIC, SandboxCaller

JANE = "jane@example.com"


@pytest.fixture
def sandbox(app):
    """A new sandbox."""
    return SandboxCaller.made(app)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/sandbox/clock", None),
        ("POST", "/sandbox/clock", {"advance": "P1D"}),
        ("GET", "/sandbox/messages", None),
        ("POST", "/sandbox/reset", None),
    ],
)
def test_a_live_shop_refuses(api, method, path, body):
    refused = api.call(method, path, **({} if body is None else {"json": body}))
    assert (refused.status_code, refused.json["code"]) == (403, "live_shop")


def test_keys_of_a_sandbox_say_that_they_are_test_keys(sandbox, api):
    assert sandbox.key.startswith("ck_test_")
    assert sandbox.secret.startswith("cs_test_")
    assert not api.key.startswith("ck_test_")


def test_the_clock_only_moves_forward_and_not_too_far(sandbox):
    before = sandbox.now()
    sandbox.advance("P1M")
    assert sandbox.now() > before
    for body, field in (
        ({"advance": "P6Y"}, "advance"),
        ({"advance": "a month"}, "advance"),
        ({"to": before}, "to"),
        ({}, "advance"),
    ):
        refused = sandbox.call("POST", "/sandbox/clock", json=body)
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, field)


def test_a_live_shop_keeps_real_time_beside_it(sandbox, api):
    sandbox.advance("P1Y")
    for caller in (sandbox, api):
        caller.post("/orders", {"customer_email": JANE, "subtotal": "1.00"})
    ours, theirs = (caller.get("/orders").json["data"]["orders"][0]["created_at"] for caller in (sandbox, api))
    assert int(ours[:4]) == int(theirs[:4]) + 1


def test_orders_of_a_live_shop_do_not_end_when_a_sandbox_moves(sandbox, api, inside, client):
    inside(factories.make_payment, "mpesa", "M-Pesa", time_limit_minutes=30)
    product = inside(factories.make_product).id
    body = {"customer": {"email": JANE}, "items": [{"product_id": product, "quantity": 1}], "payment_method": "mpesa"}
    order = client.post(f"{PUBLIC}/checkout/create-order", json=body).json["data"]["order"]["id"]
    sandbox.order(JANE)
    sandbox.advance("P1M")
    assert api.get(f"/orders/{order}").json["data"]["order"]["status"] == "pending"


def test_messages_are_kept_and_never_sent(sandbox, app):
    sandbox.order(JANE)
    first = sandbox.messages(JANE)[0]
    assert first["channel"] == "email"
    assert first["subject"].startswith("[Sandbox] ")
    assert first["text"]
    assert sandbox.messages("nobody@example.com") == []


def test_a_reset_leaves_the_set_up_and_goes_back_to_real_time(sandbox):
    sandbox.post("/orders", {"customer_email": JANE, "subtotal": "500.00", "payment_status": "paid"})
    sandbox.advance("P1Y")
    sandbox.order(JANE)
    sandbox.data("POST", "/sandbox/reset")
    clock = sandbox.data("GET", "/sandbox/clock")["clock"]
    assert clock["now"][:16] == clock["real_now"][:16]
    for path in ("/orders", "/customers", "/marketing/loyalty/ledger", "/sandbox/messages"):
        assert sandbox.data("GET", path)["total"] == 0
    assert sandbox.data("GET", "/products")["total"] == 1
    assert sandbox.order(JANE)["order"]["id"]


def test_the_single_live_shop_is_found_beside_its_sandbox(private_app):
    with private_app.app_context():
        live = factories.make_shop("Duka")
        made = create_sandbox(get_shop(live.slug), hosts=["try.example"])
        assert find_shop_for_host("any.example").id == live.id
        assert find_shop_for_host("try.example").id == made.id


def test_the_clock_moves_by_a_duration_or_to_a_time_or_day(sandbox):
    day = (datetime.fromisoformat(sandbox.now()) + timedelta(days=3)).date().isoformat()
    refused = sandbox.post("/sandbox/clock", {"advance": "P1D", "to": f"{day}T00:00:00Z"})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "to")
    moved = sandbox.post("/sandbox/clock", {"to": day}).json["data"]["clock"]["now"]
    assert moved[11:16] == "21:00"  # midnight in Nairobi
