"""Orders in the admin API: record, list, show, change (``docs/contract/api.md``, section 7)."""

import pytest

from tests import factories
from tests.support.shapes import ORDER, ORDER_ADDRESS, ORDER_CUSTOMER, ORDER_ITEM, is_money_text, is_time

AMOUNTS = ("subtotal", "shipping", "tax", "discount", "total")
TOLD = {
    "customer_email": "Jane@Example.com",
    "first_name": "Jane",
    "last_name": "Doe",
    "phone": "0712345678",
    "subtotal": "2400.00",
    "shipping": "250.00",
    "tax": "0.00",
    "discount": "150.00",
    "total": "2500.00",
    "currency": "KES",
    "items": [{"name": "Maziwa Lala 500 ml", "sku": "MLK-500", "quantity": 20, "price": "120.00"}],
    "addresses": [{"type": "shipping", "name": "Jane Doe", "street": "Westlands Road", "city": "Nairobi"}],
    "status": "processing",
    "payment_status": "paid",
    "payment_method": "M-Pesa",
    "payment_reference": "SGH7X2K9QP",
    "order_date": "2026-01-15T13:00:00+03:00",
    "api_label": "till 2",
}


def order_of(answer, status=200):
    assert answer.status_code == status, answer.text
    return answer.get_json()["data"]["order"]


def test_an_order_is_stored_as_sent(api):
    order = order_of(api.post("/orders", TOLD), 201)
    assert set(order) >= ORDER
    assert {name: order[name] for name in AMOUNTS} == {name: TOLD[name] for name in AMOUNTS}
    assert all(is_money_text(order[name]) for name in AMOUNTS)
    assert (order["status"], order["payment_status"], order["source"]) == ("processing", "paid", "api")
    assert (order["payment_method"], order["api_label"], order["currency"]) == ("M-Pesa", "till 2", "KES")
    assert order["order_number"].startswith("ORD-260115-")
    assert order["order_date"] == "2026-01-15T10:00:00.000Z"
    assert is_time(order["created_at"])
    assert is_time(order["updated_at"])


def test_its_parts_have_the_fields_of_the_contract(api):
    order = order_of(api.post("/orders", TOLD), 201)
    assert set(order["customer"]) == ORDER_CUSTOMER
    assert (order["customer"]["email"], order["customer"]["phone"]) == ("jane@example.com", "+254712345678")
    (item,) = order["items"]
    assert set(item) == ORDER_ITEM
    assert (item["order_id"], item["quantity"], item["price"], item["product"]) == (order["id"], 20, "120.00", None)
    assert order["items_count"] == 20
    (address,) = order["addresses"]
    assert set(address) == ORDER_ADDRESS
    (moved,) = order["transactions"]
    assert (moved["amount"], moved["reference"], moved["method"]) == ("2500.00", "SGH7X2K9QP", "M-Pesa")


def test_an_order_that_was_paid_earns_at_once_on_its_subtotal(api):
    order = order_of(api.post("/orders", TOLD), 201)
    points = api.get(f"/customers/{order['customer_id']}/loyalty").get_json()["data"]
    assert (order["points_earned"], points["points_balance"]) == (2400, 2400)
    assert points["ledger"][0]["note"] == f"Earned on order {order['order_number']}"


def test_amounts_that_were_left_out_are_worked_out(api, inside):
    product = inside(factories.make_product, price_cents=12000)
    items = [{"product_id": product.id, "quantity": 2}, {"name": "Delivery box", "quantity": 1, "price": 5.5}]
    order = order_of(api.post("/orders", {"email": "jane@example.com", "items": items, "tax": 10}), 201)
    assert [order[name] for name in AMOUNTS] == ["245.50", "0.00", "10.00", "0.00", "255.50"]
    assert order["items"][0]["product"]["id"] == product.id
    assert order["items"][0]["name"] == product.name


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"total": "2500.01"}, "total"),
        ({"subtotal": "2399.99"}, "subtotal"),
        ({"discount": "99999.00", "total": None}, "discount"),
        ({"subtotal": "-1.00"}, "subtotal"),
        ({"tax": "1.005"}, "tax"),
        ({"shipping": "12,50"}, "shipping"),
        ({"shipping": "1e30"}, "shipping"),
        ({"shipping": True}, "shipping"),
        ({"currency": "kes"}, "currency"),
        ({"customer_email": None}, "customer_email"),
        ({"customer_email": "nobody"}, "email"),
        ({"customer_id": 2**62}, "customer_id"),
        ({"items": []}, "items"),
        ({"items": [{"quantity": 1}]}, "items[0].name"),
        ({"items": [{"quantity": 1, "name": "x"}]}, "items[0].price"),
        ({"items": [{"quantity": 0, "name": "x", "price": 1}]}, "items[0].quantity"),
        ({"items": [{"quantity": 1, "product_id": 2**62}]}, "items[0].product_id"),
        ({"items": [{"quantity": 1, "variant_id": 2**62}]}, "items[0].variant_id"),
        ({"items": [{"quantity": 1, "name": "x", "price": 1}] * 501}, "items"),
        ({"status": "lost"}, "status"),
        ({"payment_status": "half"}, "payment_status"),
        ({"order_date": "2026-01-15T10:00:00"}, "order_date"),
        ({"order_date": "1969-12-31T23:59:59Z"}, "order_date"),
        ({"addresses": [{"type": "holiday"}]}, "addresses[0].type"),
    ],
)
def test_invalid_values_are_refused_by_field_and_no_customer_is_created(api, change, field):
    reported = TOLD | change
    if "items" in change:
        reported = {name: value for name, value in reported.items() if name not in AMOUNTS}
    answer = api.post("/orders", reported)
    assert answer.status_code == 400, answer.text
    problem = answer.get_json()
    assert problem["errors"][0]["field"] == field
    assert field in problem["message"]
    assert api.get("/customers").get_json()["data"]["total"] == 0


def test_an_order_of_long_ago_is_recorded_with_its_day_alone(api):
    made = api.post("/orders", TOLD | {"order_date": "1985-05-05"})
    assert made.get_json()["data"]["order"]["order_date"] == "1985-05-04T21:00:00.000Z"
    refused = api.post("/orders", TOLD | {"order_date": "1969-12-31"}).get_json()
    assert refused["errors"] == [{"field": "order_date", "message": "must be in the years 1970 to 2099"}]
    refused = api.post("/orders", TOLD | {"order_date": "2026-02-30"}).get_json()
    assert refused["errors"][0]["message"].startswith("must be a day such as")


def test_the_list_can_be_narrowed_and_searched(api, inside):
    jane = inside(factories.make_customer, first_name="Jane", last_name="Doe")
    amina = inside(factories.make_customer, "amina@example.com", first_name="Amina")
    first = inside(factories.make_order, jane)
    second = inside(factories.make_order, jane, payment_status="paid")
    third = inside(factories.make_order, amina, status="completed")

    def ids(query):
        data = api.get(f"/orders{query}").get_json()["data"]
        assert set(data) == {"orders", "total", "page", "limit"}
        assert len(data["orders"]) == data["total"]
        return [order["id"] for order in data["orders"]]

    assert ids("") == [third.id, second.id, first.id]
    assert ids("?status=completed") == [third.id]
    assert ids("?payment_status=paid") == [second.id]
    assert ids(f"?customer_id={jane.id}") == [second.id, first.id]
    assert ids("?search=jane") == [second.id, first.id]
    assert ids(f"?search={first.order_number.lower()}") == [first.id]
    assert ids("?search=%25") == []


def test_the_list_comes_in_pages(api, inside):
    jane = inside(factories.make_customer)
    orders = [inside(factories.make_order, jane).id for _ in range(3)]
    data = api.get("/orders?limit=2&page=2").get_json()["data"]
    assert ([order["id"] for order in data["orders"]], data["total"], data["page"]) == ([orders[0]], 3, 2)


@pytest.mark.parametrize("method", ["put", "patch"])
def test_completing_an_order_emits_an_event_and_awards_when_that_is_the_trigger(api, inside, method):
    api.put("/settings/shop/loyalty_award_trigger", {"value": "order_completed"})
    order = inside(factories.make_order, inside(factories.make_customer), 99999)
    changed = order_of(getattr(api, method)(f"/orders/{order.id}/status", {"status": "completed"}))
    assert (changed["status"], changed["points_earned"]) == ("completed", 999)
    again = order_of(api.put(f"/orders/{order.id}/status", {"status": "completed"}))
    assert again == changed


def test_paying_an_order_keeps_the_reference_and_awards_once(api, inside):
    order = inside(factories.make_order, inside(factories.make_customer))
    body = {"payment_status": "paid", "transaction_reference": "SGH7X2K9QP"}
    for _ in range(2):
        paid = order_of(api.patch(f"/orders/{order.id}/payment-status", body))
        assert (paid["payment_status"], paid["points_earned"]) == ("paid", 2400)
        assert [moved["reference"] for moved in paid["transactions"]] == ["SGH7X2K9QP"]


def test_a_paid_order_gets_the_method_it_was_paid_with(api, inside):
    inside(factories.make_payment, "bank", "Bank transfer")
    order = inside(factories.make_order, inside(factories.make_customer))
    address = f"/orders/{order.id}/payment-status"
    body = {"payment_status": "paid", "transaction_reference": "FT26015", "payment_method": "bank"}
    paid = order_of(api.patch(address, body))
    assert (paid["payment_method"], paid["transactions"][0]["method"]) == ("Bank transfer", "Bank transfer")
    assert order_of(api.patch(address, body | {"payment_method": "cash"})) == paid


@pytest.mark.parametrize(
    ("status", "method", "error"),
    [
        ("paid", "cheque", "is not a payment method in this shop"),
        ("paid", "theirs", "is not a payment method in this shop"),
        ("failed", "cash", "is only for the payment status paid"),
    ],
)
def test_a_method_is_one_of_the_shop_and_of_a_payment(api, app, inside, status, method, error):
    order = inside(factories.make_order, inside(factories.make_customer))
    with app.app_context():
        factories.make_shop("Duka Lingine")
        factories.make_payment("theirs", "Their method")
    refused = api.patch(f"/orders/{order.id}/payment-status", {"payment_status": status, "payment_method": method})
    assert (refused.status_code, refused.json["errors"]) == (400, [{"field": "payment_method", "message": error}])
    kept = order_of(api.get(f"/orders/{order.id}"))
    assert (kept["payment_status"], kept["payment_method"]) == ("pending", order.payment_method)


def test_a_reference_of_another_order_is_accepted_and_named(api, inside):
    first, second = (inside(factories.make_order, inside(factories.make_customer)) for _ in range(2))
    reported = []
    for order, reference in ((first, "s0ajkPBHE5"), (second, "S0AJKPBHE5")):
        change = {"payment_status": "paid", "transaction_reference": reference}
        reported.append(api.patch(f"/api/v1/orders/{order.id}/payment-status", json=change).json["data"])
    assert [data["order"]["payment_status"] for data in reported] == ["paid", "paid"]
    assert [data["same_reference"] for data in reported] == [[], [first.order_number]]


def test_a_refund_is_final(api, inside):
    order = inside(factories.make_order, inside(factories.make_customer), payment_status="paid")
    assert order_of(api.patch(f"/orders/{order.id}/payment-status", {"payment_status": "refunded"}))
    answer = api.patch(f"/orders/{order.id}/payment-status", {"payment_status": "paid"})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "order_refunded")


def test_a_batch_takes_each_order_on_its_own(api):
    bad = TOLD | {"total": "1.00"}
    answer = api.post("/orders/batch", {"orders": [TOLD, bad, TOLD | {"items": [{"quantity": 0}]}, 7, TOLD]})
    assert answer.status_code == 207
    data = answer.get_json()["data"]
    assert (data["created_count"], data["failed_count"]) == (2, 3)
    assert [order["total"] for order in data["created"]] == ["2500.00", "2500.00"]
    assert [failed["index"] for failed in data["failed"]] == [1, 2, 3]
    assert data["failed"][0]["error"]["code"] == "amounts_do_not_add_up"
    assert data["failed"][1]["error"]["errors"][0]["field"] == "items[0].quantity"
    assert api.get("/orders").get_json()["data"]["total"] == 2


@pytest.mark.parametrize("count", [0, 101])
def test_a_batch_has_one_to_a_hundred_orders(api, count):
    answer = api.post("/orders/batch", {"orders": [TOLD] * count})
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (400, "orders")
