"""Placing an order in the storefront API, and starting its payment (``docs/contract/api.md``, section 6)."""

import pytest

from shop.services.orders.lifecycle import set_payment_status
from tests import factories
from tests.support.shapes import ORDER, is_money_text, is_time

CREATE = "/api/v1/storefront/checkout/create-order"
ADDRESS = {
    "first_name": "Jane",
    "last_name": "Doe",
    "address_1": "Westlands Road",
    "address_2": "Flat 2",
    "city": "Nairobi",
    "state": "Nairobi",
    "postal_code": "00100",
    "country": "Kenya",
}


@pytest.fixture
def jane(inside):
    """Jane with 1,480 points."""
    return inside(factories.make_customer, points=1480, first_name="Jane")


@pytest.fixture
def product(inside):
    """A product for 158.00 with three in stock."""
    return inside(factories.make_product, price_cents=15800, stock=3)


@pytest.fixture
def body(jane, product):
    """The minimal body of an order."""
    return {"customer": {"email": jane.email}, "items": [{"product_id": product.id, "quantity": 1}]}


def order_of(answer, status=201):
    assert answer.status_code == status, answer.text
    return answer.get_json()["data"]["order"]


def balance(api, customer):
    return api.get(f"/customers/{customer.id}/loyalty").get_json()["data"]["points_balance"]


def test_an_order_answers_with_the_fields_of_the_contract(client, body):
    order = order_of(client.post(CREATE, json=body))
    assert set(order) >= ORDER | {"loyalty", "payment_token"}
    assert order["order_number"].startswith("ORD-")
    assert (order["status"], order["payment_status"], order["source"]) == ("pending", "pending", "storefront")
    assert (order["subtotal"], order["shipping"], order["tax"]) == ("158.00", "0.00", "0.00")
    assert all(is_money_text(order[name]) for name in ("subtotal", "shipping", "tax", "discount", "total"))
    assert order["loyalty"] == {"points_redeemed": 0, "discount": "0.00", "points_to_earn": 158}
    assert is_time(order["created_at"])


def test_everything_a_shopper_says_is_kept(client, inside, body):
    inside(factories.make_payment, "cod", "Cash on Delivery")
    shipping = inside(factories.make_shipping, "Rider", 25000)
    body |= {
        "shipping_address": ADDRESS,
        "billing_address": {"same_as_shipping": True},
        "shipping_method_id": shipping.id,
        "payment_method": "Cash on Delivery",
        "notes": "Please ring twice.",
    }
    order = order_of(client.post(CREATE, json=body))
    assert (order["shipping"], order["total"], order["shipping_method"]) == ("250.00", "408.00", "Rider")
    assert order["payment_method"] == "Cash on Delivery"
    assert [address["type"] for address in order["addresses"]] == ["shipping", "billing"]
    assert order["addresses"][0]["name"] == "Jane Doe"
    assert order["addresses"][0]["street"] == "Westlands Road, Flat 2"
    assert order["addresses"][0]["zip"] == "00100"
    assert [note["content"] for note in order["notes"]] == ["Please ring twice."]


def test_prices_come_from_the_catalogue_whatever_the_body_says(client, body):
    body["items"][0] |= {"price": "0.01", "total": 0, "name": "Gift"}
    order = order_of(client.post(CREATE, json=body | {"total": "0.01", "discount": "100.00"}))
    assert order["total"] == "158.00"


@pytest.mark.parametrize("name", ["mpesa", "M-Pesa", "MPESA", "m pesa"])
def test_a_way_to_pay_is_known_by_code_and_name(client, inside, body, name):
    inside(factories.make_payment, "mpesa", "M-Pesa")
    assert order_of(client.post(CREATE, json=body | {"payment_method": name}))["payment_method"] == "M-Pesa"


def test_points_and_coupon_are_taken_with_the_order(api, client, inside, jane, body):
    inside(factories.make_coupon, "WELCOME10")
    token = inside(factories.make_token, jane.id)
    requested = {"coupon_code": "WELCOME10", "loyalty_redemption": {"token": token, "points": 800}}
    order = order_of(client.post(CREATE, json=body | requested))
    assert (order["coupon_discount"], order["points_discount"], order["discount"]) == ("15.80", "8.00", "23.80")
    assert order["total"] == "134.20"
    assert order["loyalty"] == {"points_redeemed": 800, "discount": "8.00", "points_to_earn": 158}
    assert balance(api, jane) == 680


@pytest.mark.parametrize(
    ("requested", "code"),
    [
        ({"loyalty_redemption": {"token": "nothing", "points": 100}}, "invalid_redemption_token"),
        ({"loyalty_redemption": {"points": 1481}}, "insufficient_points"),
        ({"loyalty_redemption": {"points": 40}}, "below_minimum_points"),
        ({"coupon_code": "NOSUCH"}, "coupon_unknown"),
        ({"shipping_method_id": 2**62}, "shipping_method_unknown"),
        ({"payment_method": "barter"}, "payment_method_unknown"),
        ({"items": [{"quantity": 1, "product_id": 2**62}]}, "invalid_request"),
        ({"customer": {"email": "nobody"}}, "invalid_request"),
    ],
)
def test_invalid_input_has_its_own_code_and_makes_no_order(api, client, inside, jane, body, requested, code):
    api.put("/settings/shop/loyalty_min_points_to_redeem", {"value": 50})
    if "loyalty_redemption" in requested:
        requested = {
            "loyalty_redemption": {"token": inside(factories.make_token, jane.id)} | requested["loyalty_redemption"]
        }
    answer = client.post(CREATE, json=body | requested)
    assert (answer.status_code, answer.get_json()["code"]) == (400, code)
    assert answer.get_json()["errors"]
    assert api.get("/orders").get_json()["data"]["total"] == 0
    assert balance(api, jane) == 1480


def test_too_many_points_get_the_possible_maximum(client, inside, body):
    rich = inside(factories.make_customer, points=99999)
    body["customer"] = {"email": rich.email}
    requested = {"token": inside(factories.make_token, rich.id), "points": 7901}
    problem = client.post(CREATE, json=body | {"loyalty_redemption": requested}).get_json()
    assert problem["code"] == "too_many_points"
    assert "7900" in problem["message"]


def test_a_token_is_valid_for_one_order_of_its_customer(client, inside, jane, body):
    token = inside(factories.make_token, jane.id)
    requested = {"loyalty_redemption": {"token": token, "points": 100}}
    other = inside(factories.make_customer, points=500)
    stolen = client.post(CREATE, json=body | {"customer": {"email": other.email}} | requested)
    assert (stolen.status_code, stolen.get_json()["code"]) == (400, "invalid_redemption_token")
    assert client.post(CREATE, json=body | requested).status_code == 201
    again = client.post(CREATE, json=body | requested)
    assert (again.status_code, again.get_json()["code"]) == (400, "invalid_redemption_token")


def test_what_is_out_of_stock_is_a_conflict(client, body):
    body["items"][0]["quantity"] = 4
    answer = client.post(CREATE, json=body)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "out_of_stock")
    body["items"][0]["quantity"] = 3
    assert client.post(CREATE, json=body).status_code == 201


def test_a_guest_asks_for_the_payment_with_the_token_of_the_answer(client, inside, body):
    inside(factories.make_payment)
    order = order_of(client.post(CREATE, json=body | {"payment_method": "mpesa"}))
    url = f"/api/v1/storefront/orders/{order['id']}/payment-status"
    reported = client.get(url, query_string={"payment_token": order["payment_token"]}).get_json()["data"]
    assert reported == {
        "order_id": order["id"],
        "order_number": order["order_number"],
        "payment_status": "pending",
        "status": "pending",
        "transaction": None,
        "pay_by": None,
        "attempt": None,
    }
    inside(set_payment_status, order["id"], "paid", factories.TESTER, reference="SGH7X2K9QP")
    reported = client.get(url, query_string={"payment_token": order["payment_token"]}).get_json()["data"]
    assert (reported["payment_status"], reported["transaction"]["reference"]) == ("paid", "SGH7X2K9QP")


def test_without_the_right_token_an_order_is_not_there(client, body):
    first, second = (order_of(client.post(CREATE, json=body)) for _ in range(2))
    url = f"/api/v1/storefront/orders/{first['id']}/payment-status"
    for token in (second["payment_token"], "x", "é"):
        assert client.get(url, query_string={"payment_token": token}).status_code == 404
    answer = client.get(url)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (400, "payment_token")
