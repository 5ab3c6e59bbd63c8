"""The cart of a session: a guest's, a customer's, and merging them."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import Cart, CartItem, Customer, Product, Variant
from shop.services.actors import Shopper
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.shoppers import carts
from tests import factories
from tests.factories import PASSWORD
from tests.support.clients import ShopClient
from tests.support.threads import all_at_once

CART = "/api/v1/storefront/cart"
AUTH = "/api/v1/storefront/auth"


@pytest.fixture
def milk(inside: Callable[..., Any]) -> Product:
    """A product with five in stock."""
    found: Product = inside(factories.make_product, price_cents=12050, stock=5)
    return found


@pytest.fixture
def big(inside: Callable[..., Any], milk: Product) -> Variant:
    """Its larger variant with three in stock."""
    found: Variant = inside(factories.make_variant, milk, price_cents=20000, stock=3)
    return found


@pytest.fixture
def jane(inside: Callable[..., Any]) -> Customer:
    """A customer with a password."""
    found: Customer = inside(factories.make_customer, password=PASSWORD)
    return found


def put(client: ShopClient, product: Product, quantity: int = 1, variant: Variant | None = None) -> Any:
    line = {"product_id": product.id, "quantity": quantity, "variant_id": variant.id if variant else None}
    return client.post(CART, json=line)


def sign_in(client: ShopClient, customer: Customer) -> None:
    sent = {"email": customer.email, "password": PASSWORD}
    assert client.post(f"{AUTH}/login", json=sent).status_code == 200


def contents(client: ShopClient) -> list[tuple[int, int | None, int]]:
    found = client.get(CART).json["data"]["items"]
    return [(item["product_id"], item["variant_id"], item["quantity"]) for item in found]


def test_without_a_session_the_cart_is_empty_and_none_begins(client):
    answer = client.get(CART)
    assert answer.json["data"] == {"items": [], "subtotal": "0.00"}
    assert "Set-Cookie" not in answer.headers
    assert client.delete(CART).json["message"] == "Cart emptied"


def test_a_guest_fills_a_cart(client, milk, big):
    answer = put(client, milk, 2)
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    item = answer.json["data"]["item"]
    assert (item["product_id"], item["variant_id"], item["quantity"]) == (milk.id, None, 2)
    assert (item["product"]["slug"], item["variant"]) == (milk.slug, None)
    assert "Set-Cookie" not in put(client, milk, 1).headers
    put(client, milk, 1, big)
    whole = client.get(CART).json["data"]
    assert contents(client) == [(milk.id, None, 3), (milk.id, big.id, 1)]
    assert whole["items"][1]["variant"]["id"] == big.id
    assert whole["subtotal"] == "561.50"


def test_items_are_changed_and_removed(client, milk, big):
    first = put(client, milk, 2).json["data"]["item"]["id"]
    second = put(client, milk, 1, big).json["data"]["item"]["id"]
    assert client.put(f"{CART}/{first}", json={"quantity": 5}).json["data"]["item"]["quantity"] == 5
    assert client.delete(f"{CART}/{second}").json["message"] == "Item removed"
    assert contents(client) == [(milk.id, None, 5)]
    assert client.put(f"{CART}/{second}", json={"quantity": 1}).json["code"] == "cart_item_not_found"
    client.delete(CART)
    assert contents(client) == []


def test_a_cart_holds_no_more_than_there_is(client, inside, milk, big):
    refused = put(client, milk, 6)
    assert (refused.status_code, refused.json["code"]) == (409, "out_of_stock")
    assert refused.json["message"] == "Only 5 of Maziwa ya Mala 500 ml are left."
    assert "Set-Cookie" not in refused.headers
    item = put(client, milk, 4).json["data"]["item"]["id"]
    assert put(client, milk, 2).status_code == 409
    assert client.put(f"{CART}/{item}", json={"quantity": 6}).status_code == 409
    assert put(client, milk, 4, big).status_code == 409
    assert contents(client) == [(milk.id, None, 4)]
    gone = inside(factories.make_product, "Chai", stock=0)
    assert put(client, gone).json["message"] == "Chai is sold out."


def test_what_is_not_for_sale_is_refused_by_the_names_of_the_body(client, inside, milk, big):
    hidden = inside(factories.make_product, status="hidden")
    other = inside(factories.make_product)
    for product, variant, field in ((hidden, None, "product_id"), (other, big, "variant_id")):
        refused = put(client, product, 1, variant)
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, field)
    assert client.post(CART, json={"product_id": milk.id, "quantity": 0}).json["errors"][0]["field"] == "quantity"


def test_a_cart_has_a_limit_of_articles(client, inside, monkeypatch, milk):
    monkeypatch.setattr(carts, "MAX_LINES", 1)
    assert put(client, milk).status_code == 200
    refused = put(client, inside(factories.make_product))
    assert (refused.status_code, refused.json["code"]) == (400, "cart_full")
    monkeypatch.setattr(carts, "MAX_QUANTITY", 2)
    assert put(client, milk, 2).json["errors"][0]["field"] == "quantity"


def test_another_cart_cannot_be_changed(app, shop, client, milk):
    item = put(client, milk).json["data"]["item"]["id"]
    stranger = ShopClient.at(app, shop.host)
    put(stranger, milk, 2)
    for caller in (stranger, ShopClient.at(app, shop.host)):
        assert caller.put(f"{CART}/{item}", json={"quantity": 3}).status_code == 404
        assert caller.delete(f"{CART}/{item}").status_code == 404
        caller.delete(CART)
    assert contents(client) == [(milk.id, None, 1)]


def test_a_guests_cart_comes_along_at_sign_in(app, shop, client, inside, jane, milk, big):
    laptop = ShopClient.at(app, shop.host)
    sign_in(laptop, jane)
    put(laptop, milk, 4)
    put(client, milk, 3)
    put(client, milk, 1, big)
    sign_in(client, jane)
    assert contents(client) == contents(laptop) == [(milk.id, None, 5), (milk.id, big.id, 1)], "no more than there is"
    sign_in(client, jane)
    assert contents(client)[0] == (milk.id, None, 5), "once"
    client.post(f"{AUTH}/logout")
    assert contents(client) == []
    sign_in(client, jane)
    assert len(contents(client)) == 2
    assert inside(lambda: db.session.scalars(select(func.count(CartItem.id))).one()) == 2


def test_a_guests_cart_stays_with_an_account_that_is_not_proved(client, milk):
    put(client, milk, 2)
    sent = {"email": f"{factories.unique('new')}@example.com", "password": PASSWORD}
    assert client.post(f"{AUTH}/register", json=sent).status_code == 201
    assert contents(client) == [(milk.id, None, 2)]


def test_an_order_takes_what_was_ordered_out_of_the_cart(client, jane, milk, big):
    sign_in(client, jane)
    put(client, milk, 2)
    put(client, milk, 1, big)
    order = {"customer": {"email": jane.email}, "items": [{"product_id": milk.id, "quantity": 2}]}
    path = "/api/v1/storefront/checkout/create-order"
    assert client.post(path, json=order | {"items": [{"product_id": milk.id, "quantity": 9}]}).status_code == 409
    assert len(contents(client)) == 2, "a refused order takes nothing"
    assert client.post(path, json=order).status_code == 201
    assert contents(client) == [(milk.id, big.id, 1)]


def test_what_is_taken_from_sale_leaves_the_cart(client, inside, milk):
    put(client, milk)

    def withdraw() -> None:
        with transaction() as session:
            session.get(Product, milk.id).status = "hidden"

    inside(withdraw)
    assert contents(client) == []


def test_many_at_once_put_in_one_row(app, shop, inside, jane):
    tea = inside(factories.make_product, "Chai")

    def add() -> None:
        carts.add_item(Shopper(0, jane.id), CartLine(tea.id, 1))

    assert not [found for found in all_at_once(app, shop.id, [add] * 8) if found is not None]
    kept = inside(lambda: db.session.execute(select(CartItem.quantity)).all())
    assert kept == [(8,)]
    assert inside(lambda: db.session.scalars(select(func.count(Cart.id))).one()) == 1
