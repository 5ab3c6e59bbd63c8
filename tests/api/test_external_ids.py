"""Orders and products of another system: found, recorded once and changed by external id."""

import pytest

from tests.api.test_orders import TOLD, order_of

WEB = TOLD | {"external_id": "web-7", "metadata": {"channel": "web", "seat": 4}}


def test_an_order_keeps_its_external_id_and_metadata_and_is_found_by_it(api):
    order = order_of(api.post("/orders", WEB), 201)
    assert (order["external_id"], order["metadata"]) == ("web-7", {"channel": "web", "seat": 4})
    order_of(api.post("/orders", TOLD), 201)
    found = api.get("/orders?external_id=web-7").json["data"]
    assert ([one["id"] for one in found["orders"]], found["total"]) == ([order["id"]], 1)
    assert api.get("/orders?external_id=web-8").json["data"]["orders"] == []


def test_an_external_id_is_taken_once(api):
    order_of(api.post("/orders", WEB), 201)
    refused = api.post("/orders", WEB)
    assert (refused.status_code, refused.json["code"]) == (409, "external_id_taken")
    batch = api.post("/orders/batch", {"orders": [WEB, WEB | {"external_id": "web-8"}]}).json["data"]
    assert (batch["created_count"], batch["failed"][0]["error"]["code"]) == (1, "external_id_taken")
    assert api.get("/orders").json["data"]["total"] == 2


def test_an_order_sent_again_is_the_same_and_follows_its_status(api):
    first = order_of(api.put("/orders", WEB | {"payment_status": "pending", "status": "pending"}))
    assert order_of(api.put("/orders", WEB | {"payment_status": "pending", "status": "pending"})) == first
    paid = order_of(api.put("/orders", WEB | {"status": "completed", "metadata": {"channel": "app"}}))
    assert (paid["id"], paid["payment_status"], paid["status"]) == (first["id"], "paid", "completed")
    assert (paid["metadata"], paid["points_earned"]) == ({"channel": "app"}, 2400)
    refunded = order_of(api.put("/orders", {"external_id": "web-7", "payment_status": "refunded"}))
    assert (refunded["payment_status"], refunded["metadata"], refunded["total"]) == (
        "refunded",
        {"channel": "app"},
        "2500.00",
    )
    assert api.get("/orders").json["data"]["total"] == 1


def test_a_changed_payment_method_is_an_event_and_the_same_again_is_none(api):
    order_of(api.put("/orders", WEB | {"payment_status": "pending", "payment_method": "Cash"}))
    for _ in range(2):
        changed = order_of(api.put("/orders", {"external_id": "web-7", "payment_method": "M-Pesa"}))
        assert changed["payment_method"] == "M-Pesa"
    types = [event["type"] for event in api.get("/events").json["data"]["events"]]
    assert types.count("order.updated") == 1


def test_other_amounts_are_refused_and_change_nothing(api):
    before = order_of(api.put("/orders", WEB | {"payment_status": "pending"}))
    refused = api.put("/orders", WEB | {"total": "2501.00", "payment_status": "paid"})
    assert (refused.status_code, refused.json["code"]) == (409, "order_amounts_differ")
    assert order_of(api.get(f"/orders/{before['id']}")) == before


@pytest.mark.parametrize(
    ("change", "field"),
    [({"external_id": ""}, "external_id"), ({"external_id": None}, "external_id"), ({"metadata": {"": 1}}, "metadata")],
)
def test_bad_ids_and_metadata_are_refused_by_name(api, change, field):
    refused = api.put("/orders", WEB | change)
    assert refused.status_code == 400
    assert refused.json["errors"][0]["field"].startswith(field)


def test_a_product_is_added_then_changed_by_its_external_id(api):
    def put(**fields):
        answer = api.put("/products", {"external_id": "erp-1"} | fields)
        assert answer.status_code == 200, answer.text
        return answer.json["data"]["product"]

    added = put(name="Sukari", price="180.00", metadata={"catalogue": "B4"})
    changed = put(price="190.00")
    assert (changed["id"], changed["name"], changed["price"]) == (added["id"], "Sukari", "190.00")
    assert changed["metadata"] == {"catalogue": "B4"}
    found = api.get("/products?external_id=erp-1").json["data"]
    assert ([one["id"] for one in found["products"]], found["total"]) == ([added["id"]], 1)


def test_a_product_with_the_sku_gets_the_external_id(api):
    made = api.post("/products", {"name": "Chai", "price": "90.00", "sku": "TEA"}).json["data"]["product"]
    put = api.put("/products", {"external_id": "erp-2", "sku": "TEA", "price": "95.00"}).json["data"]["product"]
    assert (put["id"], put["external_id"], put["price"]) == (made["id"], "erp-2", "95.00")
    other = api.put("/products", {"external_id": "erp-3", "sku": "TEA", "name": "Tea", "price": "1.00"})
    assert (other.status_code, other.json["code"]) == (409, "sku_taken")


def test_a_new_product_by_external_id_needs_a_name_and_a_price(api):
    refused = api.put("/products", {"external_id": "erp-9"})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "name")


@pytest.mark.parametrize("path", ["/customers", "/orders", "/products"])
def test_metadata_has_texts_whole_numbers_and_truth_values(api, path):
    body = {"external_id": "x-1", "email": "jane@example.com", "subtotal": "1.00", "name": "Sukari", "price": "1.00"}
    refused = api.put(path, body | {"metadata": {"seat": 1.5}})
    assert refused.status_code == 400
    assert [error["field"] for error in refused.json["errors"]] == ["metadata.seat"]
    saved = api.put(path, body | {"metadata": {"seat": 4, "vip": True, "row": "B"}})
    [record] = saved.json["data"].values()
    assert record["metadata"] == {"seat": 4, "vip": True, "row": "B"}
