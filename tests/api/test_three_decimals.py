"""The API of a shop whose currency has three decimals."""

from decimal import Decimal

import pytest

from shop.queries.loyalty.reports import get_standing
from shop.services.catalogue.products.records import get_product
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER

COUPONS = "/marketing/coupons"


@pytest.fixture
def dinars(inside):
    inside(change_setting, "currency", "KWD", TESTER)


@pytest.fixture
def rice(api, dinars):
    made = api.post("/products", {"name": "Rice", "price": "1.234", "cost": 0.5, "stock_quantity": 9})
    assert made.status_code == 201
    return made.json["data"]["product"]


def order_of(response, status=201):
    assert response.status_code == status, response.json
    return response.json["data"]["order"]


def bought(api, rice, **rest):
    items = [{"product_id": rice["id"], "quantity": 3}]
    return order_of(api.post("/orders", {"customer_email": "jane@example.com", "items": items, **rest}))


def test_a_price_is_kept_to_the_fils(api, rice):
    assert (rice["price"], rice["cost"], rice["sale_price"]) == ("1.234", "0.500", None)
    refused = api.put(f"/products/{rice['id']}", {"name": "Rice", "price": "1.2345"})
    assert refused.status_code == 400
    assert refused.json["errors"] == [{"field": "price", "message": "must have at most three decimals"}]
    assert api.get("/products").json["data"]["products"][0]["price"] == "1.234"


def test_an_order_and_its_refund_add_up(api, inside, rice):
    order = bought(api, rice, payment_status="paid")
    assert (order["total"], order["items"][0]["price"]) == ("3.702", "1.234")
    jane = inside(get_standing, order["customer_id"])
    assert jane.points_balance == 3
    url = f"/orders/{order['id']}/refunds"
    assert order_of(api.post(url, {"amount": "0.001", "reason": "A fils"}))["refunded"] == "0.001"
    refused = api.post(url, {"amount": "3.702", "reason": "All"})
    assert refused.json["errors"][0]["message"] == "must be from 0.001 to 3.701, what is left to refund"
    assert order_of(api.post(url, {"reason": "The rest"}))["refunded"] == "3.702"
    customer = api.get(f"/customers/{order['customer_id']}").json["data"]["customer"]
    assert customer["total_spent"] == 0


def test_events_and_stored_answers_have_the_fils(api, rice):
    sent = {"customer_email": "jane@example.com", "items": [{"product_id": rice["id"], "quantity": 3}]}
    assert api.put(f"/products/{rice['id']}", {"name": "Rice", "price": "1.500"}).status_code == 200
    assert api.put(f"/products/{rice['id']}", {"name": "Rice", "price": "1.234"}).status_code == 200
    first, again = (api.post("/orders", sent, headers={"Idempotency-Key": "dinars-1"}) for _ in range(2))
    assert order_of(first)["total"] == "3.702"
    assert again.data == first.data
    events = api.get("/events").json["data"]["events"]
    shown = {one["type"]: next(iter(one["data"].values())) for one in events}
    assert (shown["order.placed"]["total"], shown["product.updated"]["price"]) == ("3.702", "1.234")


def test_points_are_worth_fils(api, inside, rice):
    jane = inside(factories.make_customer, points=1480)
    items = [{"product_id": rice["id"], "quantity": 3}]
    sent = {"email": jane.email, "items": items}
    preview = api.client.post("/api/v1/storefront/loyalty/preview", json=sent).json["data"]
    assert (preview["max_redeemable_points"], preview["estimated_discount_max"]) == (185, Decimal("1.85"))
    assert inside(lambda: factories.place(jane, [(get_product(rice["id"]), 3)], points=123).order.total_cents) == 2472


def test_coupons_keep_percentages_in_hundredths(api, rice):
    share = api.post(COUPONS, {"code": "tenth", "type": "percentage", "value": "12.5"}).json["data"]["coupon"]
    assert share["value"] == "12.50"
    fine = api.post(COUPONS, {"code": "fine", "type": "percentage", "value": "1.234"})
    assert fine.json["errors"] == [{"field": "value", "message": "must have at most two decimals"}]
    fixed = api.post(COUPONS, {"code": "fils", "type": "fixed", "value": "0.125", "min_purchase": "1"})
    fixed = fixed.json["data"]["coupon"]
    assert (fixed["value"], fixed["min_purchase"]) == ("0.125", "1.000")
    tried = api.post(f"{COUPONS}/{share['id']}/validate", {"cart_total": "3.702"}).json["data"]
    assert (tried["discount"], tried["value"], tried["subtotal"]) == (Decimal("0.462"), "12.50", Decimal("3.702"))
    changed = api.put(f"{COUPONS}/{fixed['id']}", {"type": "percentage", "value": "5"}).json["data"]["coupon"]
    assert changed["value"] == "5.00"


def test_settings_of_money_have_three_decimals(api, dinars):
    key = "loyalty_min_checkout_total"
    assert api.put(f"/settings/shop/{key}", {"value": "1.5"}).json["data"]["setting"]["value"] == "1.500"
    assert api.put(f"/settings/shop/{key}", {"value": "2.000"}).json["data"]["setting"]["value"] == "2"
    refused = api.put(f"/settings/shop/{key}", {"value": "1.2345"})
    assert refused.json["errors"][0]["message"] == "must have at most three decimals"
    assert api.put("/settings/shop/sms_segment_price", {"value": "0.123"}).status_code == 400
