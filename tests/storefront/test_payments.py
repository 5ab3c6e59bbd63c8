"""Paying an order from the storefront with its payment token, by the shop's payment methods."""

from datetime import timedelta

import pytest

from shop.services import clock
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.orders.repository import get_order
from tests import factories
from tests.support.clients import ShopClient

PROCESS = "/api/v1/storefront/checkout/process-payment"
CREATE = "/api/v1/storefront/checkout/create-order"


@pytest.fixture
def placed(inside):
    def make():
        for code, name, rest in (
            ("cod", "Cash on Delivery", {}),
            ("till", "M-Pesa till", {"config": {"till_number": "5247247"}, "time_limit_minutes": 120}),
            ("bank", "Bank transfer", {}),
        ):
            factories.make_payment(code, name, **rest)
        return factories.place(factories.make_customer(), [(factories.make_product(price_cents=240000), 1)])

    return inside(make)


@pytest.fixture
def pay(client, placed):
    def pay(gateway, token=placed.payment_token, **rest):
        body = {"order_id": placed.order.id, "gateway_name": gateway, "payment_data": {"payment_token": token}}
        return client.post(PROCESS, json=body | rest)

    return pay


def test_cash_on_delivery_is_agreed_on(pay, placed, inside):
    answer = pay("Cash on Delivery")
    data = answer.get_json()["data"]
    assert (answer.status_code, data["state"], data["gateway"]) == (200, "on_delivery", "cod")
    assert (data["reference"], data["redirect_url"], data["pay_by"]) == (placed.order.order_number, None, None)
    assert data["message"] == "Pay KES 2,400.00 when your order arrives."
    order = inside(get_order, placed.order.id)
    assert (order.payment_method, order.payment_status) == ("Cash on Delivery", "pending")


def test_the_till_instructions_have_the_amount_and_a_time_limit(pay, placed):
    data = pay("till").get_json()["data"]
    account = placed.order.order_number.removeprefix("ORD-")
    assert data["state"] == "by_hand"
    assert data["instructions"] == {"till_number": "5247247", "account": account, "amount": "2400.00"}
    assert data["pay_by"] is not None
    assert pay("till").get_json()["data"] == data, "asking again says the same again"


def test_a_way_of_the_shops_own_is_paid_by_hand(pay):
    data = pay("Bank transfer").get_json()["data"]
    assert (data["state"], data["instructions"]) == ("by_hand", {})


def test_the_token_may_stand_beside_the_order(client, placed):
    body = {"order_id": placed.order.id, "gateway_name": "cod", "payment_token": placed.payment_token}
    assert client.post(PROCESS, json=body).status_code == 200


def test_without_the_orders_own_token_it_is_not_there(client, pay, placed, inside):
    other = inside(lambda: factories.place(factories.make_customer(), [(factories.make_product(), 1)]))
    for token in (other.payment_token, "x", "é"):
        answer = pay("cod", token)
        assert (answer.status_code, answer.get_json()["code"]) == (404, "order_not_found")
    assert client.post(PROCESS, json={"order_id": placed.order.id, "gateway_name": "cod"}).status_code == 404
    assert inside(get_order, placed.order.id).payment_method is None


@pytest.mark.parametrize("gateway", ["pigeon", " "])
def test_a_way_the_shop_does_not_offer_is_refused(pay, gateway):
    answer = pay(gateway)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "payment_method_unknown")


@pytest.mark.parametrize(
    ("setter", "word", "code"),
    [(set_order_status, "cancelled", "order_cancelled"), (set_payment_status, "refunded", "order_refunded")],
)
def test_an_order_that_ended_is_not_paid_any_more(pay, placed, inside, setter, word, code):
    if word == "refunded":
        inside(set_payment_status, placed.order.id, "paid", factories.TESTER)
    inside(setter, placed.order.id, word, factories.TESTER)
    answer = pay("cod")
    assert (answer.status_code, answer.get_json()["code"]) == (409, code)


def test_when_the_time_is_over_no_payment_is_begun(pay, placed):
    pay("till")
    with clock.moved_to(clock.now() + timedelta(minutes=121)):
        answer = pay("cod")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "payment_time_over")


def test_a_paid_order_says_so(pay, placed, inside):
    inside(set_payment_status, placed.order.id, "paid", factories.TESTER)
    assert pay("cod").get_json()["data"]["state"] == "paid"


def test_an_order_with_nothing_to_pay_is_paid_at_once(client, inside):
    def make():
        factories.make_payment("cod", "Cash on Delivery")
        gift = factories.make_product(price_cents=0)
        return factories.place(factories.make_customer(), [(gift, 1)])

    placed = inside(make)
    body = {"order_id": placed.order.id, "gateway_name": "cod", "payment_token": placed.payment_token}
    assert client.post(PROCESS, json=body).get_json()["data"]["state"] == "paid"
    assert inside(get_order, placed.order.id).payment_status == "paid"


def test_an_order_is_tried_only_so_often(pay):
    assert [pay("cod").status_code for _ in range(11)] == [200] * 10 + [429]


def test_a_guests_page_pays_by_its_session_alone(app, shop, client, inside, placed):
    item = {"product_id": placed.order.items[0].product_id, "quantity": 1}
    reported = {"customer": {"email": "guest@example.com"}, "items": [item]}
    order = client.post(CREATE, json=reported, headers={"Origin": shop.url}).get_json()["data"]["order"]
    asked = {"order_id": order["id"], "gateway_name": "cod", "payment_data": {}}
    status = f"/api/v1/storefront/orders/{order['id']}/payment-status"
    own = {"Origin": shop.url}
    assert client.post(PROCESS, json=asked, headers=own).get_json()["data"]["state"] == "on_delivery"
    assert client.get(status).get_json()["data"]["payment_status"] == "pending"
    assert client.post(PROCESS, json=asked, headers={"Origin": "https://evil.example"}).status_code == 403
    somebody = ShopClient.at(app, shop.host)
    somebody.post(CREATE, json=reported, headers={"Origin": shop.url})
    assert (somebody.post(PROCESS, json=asked, headers=own).status_code, somebody.get(status).status_code) == (404, 404)


def test_a_program_that_places_orders_is_given_no_session(client, placed):
    item = {"product_id": placed.order.items[0].product_id, "quantity": 1}
    answer = client.post(CREATE, json={"customer": {"email": "guest@example.com"}, "items": [item]})
    assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (201, [])
