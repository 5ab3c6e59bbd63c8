"""``POST /orders/:id/refunds``: partial and full refunds, and never two for one request."""

import pytest

from shop.queries.loyalty.reports import get_standing
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from tests import factories
from tests.factories import TESTER


@pytest.fixture
def jane(inside):
    return inside(factories.make_customer)


@pytest.fixture
def paid(inside, jane):
    """A paid order over 980.75 that earned 980 points."""
    return inside(factories.make_order, jane, 98075, payment_status="paid", payment_method="M-Pesa")


def balance(inside, customer):
    return inside(get_standing, customer.id).points_balance


def test_a_part_is_refunded_and_takes_back_points_in_proportion(api, inside, jane, paid):
    answer = api.post(f"/orders/{paid.id}/refunds", {"amount": "245.00", "reason": "Two tins were dented."})
    assert answer.status_code == 201
    order = answer.json["data"]["order"]
    assert (order["refunded"], order["payment_status"]) == ("245.00", "paid")
    moved = order["transactions"][-1]
    assert (moved["kind"], moved["amount"], moved["method"]) == ("refund", "245.00", "M-Pesa")
    assert balance(inside, jane) == 980 - 244


@pytest.mark.parametrize("body", [{}, {"amount": None}, {"amount": 980.75}])
def test_without_an_amount_all_that_is_left_is_refunded(api, inside, jane, paid, body):
    order = api.post(f"/orders/{paid.id}/refunds", {"reason": "Came back."} | body).json["data"]["order"]
    assert (order["refunded"], order["payment_status"]) == ("980.75", "refunded")
    assert balance(inside, jane) == 0


def test_parts_and_the_rest_end_where_one_refund_does(api, inside, jane, paid):
    for amount in ("100.01", 300, "1.00"):
        assert api.post(f"/orders/{paid.id}/refunds", {"amount": amount, "reason": "A part."}).status_code == 201
    assert api.post(f"/orders/{paid.id}/refunds", {"reason": "The rest."}).json["data"]["order"]["refunded"] == "980.75"
    assert balance(inside, jane) == 0


def test_items_go_back_to_stock_if_asked(api, inside, jane):
    milk = inside(factories.make_product, price_cents=1000, stock=9)
    placed = inside(lambda: factories.place(jane, [(milk, 3)]).order)
    inside(set_payment_status, placed.id, "paid", TESTER)
    body = {"items": [{"order_item_id": placed.items[0].id, "quantity": 1}], "reason": "Came back."}
    api.post(f"/orders/{placed.id}/refunds", body)
    order = api.post(f"/orders/{placed.id}/refunds", body | {"restock": True}).json["data"]["order"]
    assert [part["restocked_quantity"] for part in order["refunds"]] == [0, 1]
    assert (order["items"][0]["refunded_quantity"], order["items"][0]["restocked_quantity"]) == (2, 1)
    assert inside(factories.stock_of, milk) == 7
    wrong = api.post(f"/orders/{placed.id}/refunds", {"amount": "1.00", "reason": "x", "restock": True})
    assert (wrong.status_code, wrong.json["errors"][0]["field"]) == (400, "restock")


def test_the_same_idempotency_key_refunds_once(api, inside, jane, paid):
    sent = {"amount": "100.00", "reason": "One jar was broken."}
    first, again = (
        api.post(f"/orders/{paid.id}/refunds", sent, headers={"Idempotency-Key": "refund-1"}) for _ in range(2)
    )
    assert (first.status_code, again.status_code, first.data) == (201, 201, again.data)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert api.get(f"/orders/{paid.id}").json["data"]["order"]["refunded"] == "100.00"
    other = {"amount": "200.00", "reason": "Another."}
    assert api.post(f"/orders/{paid.id}/refunds", other, headers={"Idempotency-Key": "refund-1"}).status_code == 422


def test_items_are_refunded_at_the_prices_they_were_sold_at(api, inside, jane):
    lines = [{"name": "Jar", "quantity": 3, "price": "100.00"}, {"name": "Tin", "quantity": 1, "price": "50.00"}]
    sent = {"customer_id": jane.id, "items": lines, "discount": "35.00", "payment_status": "paid"}
    order = api.post("/orders", sent).json["data"]["order"]
    jar, tin = (item["id"] for item in order["items"])
    body = {"items": [{"order_item_id": jar, "quantity": 2}], "reason": "Two broke.", "reference": "SGJ1"}
    answers = [api.post(f"/orders/{order['id']}/refunds", body, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert (answers[0].status_code, answers[0].data) == (201, answers[1].data)
    order = answers[0].json["data"]["order"]
    assert [item["refunded_quantity"] for item in order["items"]] == [2, 0]
    (refund,) = order["refunds"]
    assert (refund["amount"], refund["reason"], refund["reference"]) == ("180.00", "Two broke.", "SGJ1")
    assert refund["items"] == [{"order_item_id": jar, "quantity": 2}]
    assert (refund["points_taken_back"], refund["points_given_back"], refund["points_short"]) == (200, 0, 0)
    assert balance(inside, jane) == 150
    rest = {"items": [{"order_item_id": jar, "quantity": 1}, {"order_item_id": tin, "quantity": 1}], "reason": "All."}
    order = api.post(f"/orders/{order['id']}/refunds", rest).json["data"]["order"]
    assert (order["refunded"], order["payment_status"], balance(inside, jane)) == ("315.00", "refunded", 0)
    listed = api.get("/orders").json["data"]["orders"][0]
    assert [len(refund["items"]) for refund in listed["refunds"]] == [1, 2]


@pytest.mark.parametrize(
    ("items", "more", "field"),
    [
        ([], {}, "items"),
        ([{"quantity": 1}], {}, "items[0].order_item_id"),
        ([{"order_item_id": "OWN"}], {}, "items[0].quantity"),
        ([{"order_item_id": "OWN", "quantity": 0}], {}, "items[0].quantity"),
        ([{"order_item_id": "OWN", "quantity": 2}], {}, "items[0].quantity"),
        ([{"order_item_id": "OWN", "quantity": True}], {}, "items[0].quantity"),
        ([{"order_item_id": "OWN", "quantity": 1}] * 2, {}, "items[1].order_item_id"),
        ([{"order_item_id": 2**63 - 1, "quantity": 1}], {}, "items[0].order_item_id"),
        ([{"order_item_id": 2**63, "quantity": 1}], {}, "items[0].order_item_id"),
        ([{"order_item_id": "OWN", "quantity": 1}], {"amount": "1.00"}, "amount"),
        ([5], {}, "items[0]"),
        ("all", {}, "items"),
    ],
)
def test_items_that_cannot_be_right_are_refused_by_their_field(api, inside, jane, items, more, field):
    order = inside(factories.make_order, jane, 10000, payment_status="paid")
    own = api.get(f"/orders/{order.id}").json["data"]["order"]["items"][0]["id"]
    if isinstance(items, list):
        items = [
            item | {"order_item_id": own} if isinstance(item, dict) and item.get("order_item_id") == "OWN" else item
            for item in items
        ]
    answer = api.post(f"/orders/{order.id}/refunds", {"items": items, "reason": "x"} | more)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, field)
    assert api.get(f"/orders/{order.id}").json["data"]["order"]["refunded"] == "0.00"


def test_a_cancelled_order_that_was_paid_can_still_be_refunded(api, inside, jane, paid):
    inside(set_order_status, paid.id, "cancelled", TESTER)
    assert api.post(f"/orders/{paid.id}/refunds", {"reason": "Cancelled."}).status_code == 201
    assert balance(inside, jane) == 0


@pytest.mark.parametrize("amount", [0, "0.00", "980.76", "99999999999.99"])
def test_nothing_and_more_than_is_left_are_refused(api, paid, amount):
    answer = api.post(f"/orders/{paid.id}/refunds", {"amount": amount, "reason": "x"})
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, "amount")
    assert "from 0.01 to 980.75" in answer.json["message"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "reason"),
        ({"reason": ""}, "reason"),
        ({"reason": "   "}, "reason"),
        ({"reason": None}, "reason"),
        ({"reason": 5}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"reason": "x", "amount": "ten"}, "amount"),
        ({"reason": "x", "amount": "1.001"}, "amount"),
        ({"reason": "x", "amount": -1}, "amount"),
        ({"reason": "x", "amount": True}, "amount"),
        ({"reason": "x", "amount": {}}, "amount"),
    ],
)
def test_a_body_that_cannot_be_right_is_refused_by_its_field(api, paid, body, field):
    answer = api.post(f"/orders/{paid.id}/refunds", body)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, field)


@pytest.mark.parametrize("payment", ["pending", "failed", "refunded"])
def test_only_a_paid_order_can_be_refunded(api, inside, jane, payment):
    order = inside(factories.make_order, jane, 1000, payment_status=payment)
    answer = api.post(f"/orders/{order.id}/refunds", {"reason": "x"})
    assert (answer.status_code, answer.json["code"]) == (409, "order_not_paid")


def test_who_may_not_write_or_is_of_another_shop_refunds_nothing(api, reader, stranger, client, paid):
    path, body = f"/orders/{paid.id}/refunds", {"reason": "x"}
    assert reader.post(path, body).status_code == 403
    assert stranger.post(path, body).status_code == 404
    assert client.post(f"/api/v1{path}", json=body).status_code == 401
    assert api.post("/orders/999999999/refunds", body).status_code == 404
    assert api.get(f"/orders/{paid.id}").json["data"]["order"]["refunded"] == "0.00"
