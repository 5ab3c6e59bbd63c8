"""Coupons by the API (``docs/contract/api.md``, section 7)."""

import pytest

from tests import factories

COUPONS = "/api/v1/marketing/coupons"
NEW = {"code": "karibu100", "type": "fixed", "value": "100.00", "usage_limit": 100, "min_purchase": "800.00"}


@pytest.fixture
def coupon(api):
    return api.post(COUPONS, json=NEW).json["data"]["coupon"]


def test_a_coupon_is_added_as_the_contract_says(coupon):
    contract = {"id", "code", "type", "value", "usage_limit", "usage_count", "min_purchase", "start_date", "end_date"}
    assert contract | {"status"} <= set(coupon)
    assert (coupon["code"], coupon["value"], coupon["min_purchase"]) == ("KARIBU100", "100.00", "800.00")
    assert (coupon["usage_count"], coupon["status"], coupon["state"]) == (0, "active", "active")


def test_days_are_whole_days_of_the_shop(api):
    dates = {"start_date": "2026-01-15", "end_date": "2026-01-31"}
    coupon = api.post(COUPONS, json=NEW | dates).json["data"]["coupon"]
    assert (coupon["start_date"], coupon["end_date"]) == ("2026-01-14T21:00:00.000Z", "2026-01-31T21:00:00.000Z")


def test_a_code_in_use_is_a_conflict(api, coupon):
    answer = api.post(COUPONS, json=NEW)
    assert (answer.status_code, answer.json["code"]) == (409, "coupon_exists")


def test_a_change_leaves_what_is_not_named(api, coupon):
    url = f"{COUPONS}/{coupon['id']}"
    changed = api.put(url, json={"value": "150.00", "usage_limit": None}).json["data"]["coupon"]
    assert (changed["value"], changed["usage_limit"], changed["min_purchase"]) == ("150.00", None, "800.00")
    assert api.put(url, json={"status": "inactive"}).json["data"]["coupon"]["state"] == "ended"
    wrong = api.put(url, json={"value": "0.00"})
    assert (wrong.status_code, wrong.json["errors"][0]["field"]) == (400, "value")
    assert wrong.json["message"].startswith("value ")


def test_the_list_is_searched_and_filtered(api, inside, coupon):
    inside(factories.make_coupon, "OTHER", usage_limit=1)
    assert [one["code"] for one in api.get(f"{COUPONS}?search=karibu").json["data"]["coupons"]] == ["KARIBU100"]
    found = api.get(f"{COUPONS}?state=active&sort=code&limit=1&page=2").json["data"]
    assert ([one["code"] for one in found["coupons"]], found["total"]) == (["OTHER"], 2)
    assert api.get(f"{COUPONS}?state=ended").json["data"]["total"] == 0


@pytest.mark.parametrize("typed", ["ｋａｒｉｂｕ１００", " -Karibu100-", "karibu\u200b١٠٠", "rib"])
def test_a_code_is_found_however_it_is_typed(api, coupon, typed):
    found = api.get(COUPONS, query_string={"search": typed}).json["data"]["coupons"]
    assert [one["code"] for one in found] == ["KARIBU100"]


def test_an_empty_code_is_named_as_a_text(api):
    refused = api.post(COUPONS, json=NEW | {"code": "\u200b"}).json["errors"]
    assert refused == [{"field": "code", "message": "must not be empty"}]


def test_usage_and_statistics_follow_the_orders(api, inside, coupon):
    milk = inside(factories.make_product, price_cents=100000)
    jane = inside(factories.make_customer)
    orders = [inside(factories.place, jane, [(milk, 1)], coupon_code="KARIBU100").order for _ in range(2)]
    api.patch(f"/api/v1/orders/{orders[0].id}/payment-status", json={"payment_status": "paid"})
    api.patch(f"/api/v1/orders/{orders[1].id}/status", json={"status": "cancelled"})
    usage = api.get(f"{COUPONS}/{coupon['id']}/usage").json["data"]
    assert [(one["order_id"], one["customer_id"], one["discount"]) for one in usage["usage"]] == [
        (orders[0].id, jane.id, "100.00")
    ]
    stats = api.get(f"{COUPONS}/stats").json["data"]
    assert (stats["total"], stats["active"], stats["total_usage"]) == (1, 1, 1)
    assert (stats["total_discount"], stats["goods_sold"]) == (100, 900)
    assert api.delete(f"{COUPONS}/{coupon['id']}").json["message"] == "Coupon ended"
    assert api.get(f"{COUPONS}/{coupon['id']}").json["data"]["coupon"]["status"] == "inactive"


def test_an_unused_coupon_is_deleted(api, coupon):
    assert api.delete(f"{COUPONS}/{coupon['id']}").json["message"] == "Coupon deleted"
    assert api.get(f"{COUPONS}/{coupon['id']}").status_code == 404


def test_a_coupon_is_checked_against_an_amount(api, coupon):
    url = f"{COUPONS}/{coupon['id']}/validate"
    data = api.post(url, json={"cart_total": "1000.00"}).json["data"]
    assert data == {
        "valid": True,
        "code": "KARIBU100",
        "type": "fixed",
        "value": "100.00",
        "subtotal": 1000,
        "discount": 100,
    }
    assert api.post(url, json={"cart_total": "799.99"}).json["code"] == "coupon_below_minimum"
