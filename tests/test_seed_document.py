"""The source document from its first page to its last, over HTTP: the flow a shop and its storefront go through.

Amounts: points are 100 for 1.00 off and at most 50 % of the subtotal; 1.00 spent earns 1 point.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from shop.services.customers.addresses import add_address
from tests import factories
from tests.support.clients import ApiCaller
from tests.support.codes import read_mails
from tests.support.contract import CheckedClient

PUBLIC = "/api/v1/storefront"
CODE = re.compile(r"\b(\d{3}) (\d{3})\b")


class Scene:
    """A shop with Jane and one product in it; the program that keeps its books, and its storefront."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context():
            shop = factories.make_shop(loyalty=False)
            key = factories.make_api_key()
            self.product = factories.make_product("Maziwa Lala 500 ml", 15800, stock=10).id
            names = {"first_name": "Jane", "last_name": "Doe", "phone": "+254712345678"}
            jane = factories.make_customer("customer@example.com", **names)
            add_address(jane.id, type="shipping", address1="Westlands Road", city="Nairobi", state="Nairobi",
                        zip="00100", country="Kenya")  # fmt: skip
        self.jane = jane.id
        self.storefront = CheckedClient.at(app, shop.host)
        self.books = ApiCaller(self.storefront, key.consumer_key, key.consumer_secret)

    def admin(self, method: str, path: str, body: Any = None, status: int = 200) -> dict[str, Any]:
        """What the admin API answers."""
        return self._data(self.books.call(method, path, json=body), status)

    def public(self, method: str, path: str, body: Any = None, status: int = 200) -> dict[str, Any]:
        """What the storefront API answers."""
        return self._data(self.storefront.open(f"{PUBLIC}{path}", method=method, json=body), status)

    def _data(self, answer: Any, status: int) -> dict[str, Any]:
        assert answer.status_code == status, answer.text
        assert answer.json["status"] == "success"
        return answer.json["data"]

    def loyalty(self) -> dict[str, Any]:
        """Jane's points as the books see them."""
        return self.admin("GET", f"/customers/{self.jane}/loyalty")

    def cart(self, quantity: int = 1) -> dict[str, Any]:
        """A cart for a preview or an order."""
        return {"items": [{"product_id": self.product, "quantity": quantity}]}

    def mailed_code(self) -> str:
        """The code in the newest mail to Jane, as they read it: two groups of three."""
        recipient, _, text = read_mails(self.app)[-1]
        assert recipient == "customer@example.com"
        found = CODE.search(text)
        assert found
        return "".join(found.groups())


@pytest.fixture
def scene(make_private_app: Callable[..., Flask]) -> Scene:
    """The beginning: nothing was bought yet, and the programme is off."""
    return Scene(make_private_app())


def test_customers_are_listed_searched_and_shown(scene):
    address = {"type": "shipping", "address1": "Westlands Road", "city": "Nairobi", "state": "Nairobi"}
    address |= {"zip": "00100", "country": "Kenya"}

    page = scene.admin("GET", "/customers?page=1&limit=20")
    assert {name: page[name] for name in ("total", "page", "limit")} == {"total": 1, "page": 1, "limit": 20}
    (jane,) = page["customers"]
    assert list(jane) == [
        "id", "email", "first_name", "last_name", "phone", "birthday", "area", "tags", "external_id", "metadata",
        "custom_fields", "total_orders", "total_spent", "addresses", "created_at"
    ]  # fmt: skip
    assert jane["addresses"] == [address | {"id": jane["addresses"][0]["id"]}]

    for typed in ("customer@", "jane", "DOE"):
        assert scene.admin("GET", f"/customers?search={typed}")["customers"] == [jane]

    whole = scene.admin("GET", f"/customers/{scene.jane}")["customer"]
    assert whole == jane | {"notes": [], "orders": []}


@pytest.mark.parametrize("who", [{"email": "customer@example.com"}, {"phone": "0712345678"}], ids=["email", "phone"])
def test_points_are_earned_spent_and_given_back(scene, who):
    # The shop switches its programme on.
    assert scene.public("GET", "/loyalty/config")["config"]["enabled"] is False
    changed = scene.admin("PUT", "/settings/shop/loyalty_points_enabled", {"value": "true"})
    assert changed == {"setting": {"key": "loyalty_points_enabled", "value": "true"}}
    assert changed["setting"] in scene.admin("GET", "/settings")["settings"]
    assert scene.public("GET", "/loyalty/config")["config"]["enabled"] is True

    # Jane buys for 1,580.00; the payment arrives, twice as it happens, and earns 1,580 points once.
    first = scene.public(
        "POST", "/checkout/create-order", {"customer": {"email": "customer@example.com"}} | scene.cart(10), 201
    )["order"]
    for _ in range(2):
        scene.admin("PATCH", f"/orders/{first['id']}/payment-status", {"payment_status": "paid"})
    loyalty = scene.loyalty()
    assert (loyalty["points_balance"], loyalty["lifetime_earned"]) == (1580, 1580)
    (entry,) = loyalty["ledger"]
    assert (entry["type"], entry["points"], entry["order_id"]) == ("earn", 1580, first["id"])
    assert entry["note"] == f"Earned on order {first['order_number']}"

    # They fill another cart, and the checkout shows what they could take off.
    scene.admin("PATCH", f"/orders/{first['id']}/status", {"status": "cancelled"})
    assert scene.loyalty()["points_balance"] == 0
    second = scene.admin("POST", "/orders", {"email": "customer@example.com", "subtotal": "1480.00",
                                             "payment_status": "paid"}, 201)["order"]  # fmt: skip
    assert second["customer_id"] == scene.jane
    preview = scene.public("POST", "/loyalty/preview", who | scene.cart())
    assert {name: preview[name] for name in ("eligible", "balance", "max_redeemable_points")} == {
        "eligible": True,
        "balance": 1480,
        "max_redeemable_points": 1480,
    }
    assert float(preview["estimated_discount_max"]) == 14.8

    # A code by mail, exchanged for a token.
    scene.public("POST", "/loyalty/redemption/send-otp", who)
    token = scene.public("POST", "/loyalty/redemption/verify-otp", who | {"code": scene.mailed_code()})
    assert token["expires_in_minutes"] == 30

    # The order takes the points with it.
    requested = {"loyalty_redemption": {"token": token["redemption_token"], "points": 1000}}
    body = {"customer": {"email": "customer@example.com"}} | scene.cart() | requested
    order = scene.public("POST", "/checkout/create-order", body, 201)["order"]
    assert (order["subtotal"], order["discount"], order["total"]) == ("158.00", "10.00", "148.00")
    assert order["loyalty"] == {"points_redeemed": 1000, "discount": "10.00", "points_to_earn": 158}
    newest = scene.loyalty()["ledger"][0]
    assert (newest["type"], newest["points"]) == ("redeem", -1000)
    assert newest["note"] == f"Redeemed on order {order['order_number']}"

    # The token is used up: another order with it is refused, and takes nothing.
    again = scene.storefront.post(f"{PUBLIC}/checkout/create-order", json=body)
    assert (again.status_code, again.json["code"]) == (400, "invalid_redemption_token")
    assert scene.loyalty()["points_balance"] == 480

    # They check their payment.
    url = f"/orders/{order['id']}/payment-status?payment_token={order['payment_token']}"
    assert scene.public("GET", url)["payment_status"] == "pending"
    scene.admin(
        "PATCH", f"/orders/{order['id']}/payment-status", {"payment_status": "paid", "transaction_reference": "SGH7X2"}
    )
    paid = scene.public("GET", url)
    assert (paid["payment_status"], paid["transaction"]["reference"]) == ("paid", "SGH7X2")
    assert scene.loyalty()["points_balance"] == 480 + 158

    # The order is cancelled: used points are restored, earned points reversed, each once.
    for _ in range(2):
        scene.admin("PATCH", f"/orders/{order['id']}/status", {"status": "cancelled"})
    loyalty = scene.loyalty()
    assert (loyalty["points_balance"], loyalty["lifetime_earned"]) == (1480, 1480)
    assert {(entry["type"], entry["points"]) for entry in loyalty["ledger"][:2]} == {("adjust", 1000), ("adjust", -158)}
    jane = scene.admin("GET", f"/customers/{scene.jane}")["customer"]
    assert (jane["total_orders"], jane["total_spent"]) == (1, 1480)
