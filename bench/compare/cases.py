"""The compared requests, which both versions understand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

PEOPLE = 300
FIRST = ("Wanjiku", "Achieng", "Otieno", "Mwangi", "Njeri", "Kamau", "Chebet", "Hassan", "Fatuma", "Mutua")
STOREFRONT = "/api/v1/storefront"
COUPON = "WELCOME10"


@dataclass
class Shop:
    """A small shop: its clients, products, and unpaid orders."""

    app: Any
    storefront: Any
    api: Any
    products: list[int]
    counted: list[int]
    """Products whose stock is counted."""
    number: int = 0
    orders: int = 0
    unpaid: list[int] = field(default_factory=list)

    @classmethod
    def made(cls, app: Any, factories: Any, clients: Any, use_shop: Callable[[int], None]) -> "Shop":
        """Fill an empty database with the tests' own factories."""
        with app.app_context():
            shop = factories.make_shop()
            use_shop(shop.id)
            products = [factories.make_product(price_cents=15_800).id for _ in range(3)]
            counted = [factories.make_product(price_cents=15_800, stock=10**9).id for _ in range(3)]
            for number in range(PEOPLE):
                first, last = FIRST[number % 10], FIRST[number // 10 % 10]
                factories.make_customer(f"p{number}@example.com", first_name=first, last_name=last)
            factories.make_coupon(COUPON)
            key = factories.make_api_key(rate_limit_per_minute=10_000)
        storefront = clients.ShopClient.at(app, shop.host)
        api = clients.ApiCaller(storefront, key.consumer_key, key.consumer_secret)
        return cls(app, storefront, api, products, counted)

    def order(self, email: str, products: list[int], **more: Any) -> None:
        """Place an order of one of each product."""
        items = [{"product_id": product, "quantity": 1} for product in products]
        body = {"customer": {"email": email}, "items": items, **more}
        self.orders += 1  # each from a phone of its own: what is counted for an address stays short
        phone = {"REMOTE_ADDR": f"10.0.{self.orders // 250}.{self.orders % 250 + 1}"}
        path = f"{STOREFRONT}/checkout/create-order"
        data = _checked(self.storefront.post(path, json=body, environ_overrides=phone), 201)
        self.unpaid.append((data.get("order") or {"id": data.get("order_id")})["id"])

    def next_number(self) -> int:
        """Return a number that was not used before."""
        self.number += 1
        return self.number


def _checked(response: Any, status: int) -> Any:
    if response.status_code != status:
        raise SystemExit(f"{response.status_code}: {response.text[:500]}")
    return response.get_json()["data"]


def _order(shop: Shop) -> None:
    shop.order(f"p{shop.next_number() % PEOPLE}@example.com", shop.products)


def _order_of_guest(shop: Shop) -> None:
    shop.order(f"new{shop.next_number()}@example.com", shop.products, coupon_code=COUPON)


def _order_from_stock(shop: Shop) -> None:
    shop.order(f"p{shop.next_number() % PEOPLE}@example.com", shop.counted)


def _mark_paid(shop: Shop) -> None:
    path = f"/orders/{shop.unpaid.pop()}/payment-status"
    _checked(shop.api.patch(path, json={"payment_status": "paid"}), 200)


def _preview(shop: Shop) -> None:
    items = [{"product_id": product, "quantity": 1} for product in shop.products]
    body = {"email": "p1@example.com", "items": items, "coupon_code": COUPON}
    _checked(shop.storefront.post(f"{STOREFRONT}/loyalty/preview", json=body), 200)


def _api(path: str) -> Callable[[Shop], None]:
    def request(shop: Shop) -> None:
        response = shop.api.get(path)
        if response.status_code != 200:
            raise SystemExit(f"{path}: {response.text[:500]}")

    return request


def _public(path: str) -> Callable[[Shop], None]:
    def request(shop: Shop) -> None:
        response = shop.storefront.get(f"{STOREFRONT}{path}")
        if response.status_code != 200:
            raise SystemExit(f"{path}: {response.text[:500]}")

    return request


REQUESTS: dict[str, Callable[[Shop], None]] = {
    "create-order, three items": _order,
    "create-order, new customer, coupon": _order_of_guest,
    "create-order, counted stock": _order_from_stock,
    "mark paid": _mark_paid,
    "preview": _preview,
    "loyalty config": _public("/loyalty/config"),
    "products for sale": _public("/products"),
    "API, newest customers": _api("/customers?limit=20"),
    "API, search for a name": _api("/customers?search=wanjiku"),
    "API, two letters": _api("/customers?search=wa"),
    "API, newest orders": _api("/orders?limit=20"),
}
USES_UP_ORDERS = "mark paid"
