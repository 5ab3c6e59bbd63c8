"""The number of SQL statements of a list does not grow with its contents."""

from collections.abc import Callable
from typing import Any

import pytest

from shop.services.customers.addresses import add_address
from shop.services.customers.notes import add_note
from shop.services.orders.lifecycle import set_payment_status
from shop.services.orders.pricing.lines import PostalAddress
from tests import factories
from tests.support.codes import newest_code

LISTS = (
    "/customers",
    "/customers?search=jane&sort=-points_balance",
    "/orders",
    "/orders?search=jane&status=pending",
    "/marketing/loyalty/balances",
    "/marketing/loyalty/ledger",
    "/storefront/products",
    "/storefront/products?search=maziwa",
)


def fill(count: int) -> None:
    """Add customers, each with an address, a note, points, and an order of two lines with products."""
    for _ in range(count):
        customer = factories.make_customer(points=50, first_name="Jane")
        add_address(customer.id, type="shipping", address1="Westlands Road", city="Nairobi")
        add_note(customer.id, "Rang.", factories.TESTER)
        milk, tea = factories.make_product(), factories.make_product("Chai")
        factories.make_variant(milk)
        home = [PostalAddress("shipping", name="Jane"), PostalAddress("billing", name="Jane")]
        placed = factories.place(customer, [(milk, 1), (tea, 2)], points=10, addresses=home, notes="Ring twice.")
        set_payment_status(placed.order.id, "paid", factories.TESTER)


def test_lists_cost_as_many_statements_for_many_rows_as_for_few(api, inside, statements, subtests):
    counts: dict[str, list[int]] = {path: [] for path in LISTS}
    for path in LISTS:
        assert api.get(path).status_code == 200  # the first read within an hour is recorded
    for more in (2, 8):
        inside(fill, more)
        for path in LISTS:
            with statements() as seen:
                answer = api.get(path)
            rows = next(part for part in answer.json["data"].values() if isinstance(part, list))
            assert len(rows) >= more
            counts[path].append(len(seen))
    for path, (few, many) in counts.items():
        with subtests.test(path):
            assert many == few
            assert few <= 15


def test_a_customer_costs_as_many_statements_with_many_orders_as_with_few(api, inside, statements):
    jane, product = inside(factories.make_customer), inside(factories.make_product)
    counts = []
    for more in (2, 8):
        for _ in range(more):
            inside(factories.place, jane, [(product, 1)])
        for path in (f"/customers/{jane.id}", f"/customers/{jane.id}/loyalty"):
            with statements() as seen:
                assert api.get(path).status_code == 200
            counts.append(len(seen))
    assert counts[:2] == counts[2:]


def test_an_order_costs_as_many_statements_with_many_lines_as_with_few(api, inside, statements):
    jane = inside(factories.make_customer)
    counts = []
    for lines in (1, 9):
        cart = [(inside(factories.make_product), 1) for _ in range(lines)]
        order = inside(factories.place, jane, cart).order
        with statements() as seen:
            assert len(api.get(f"/orders/{order.id}").json["data"]["order"]["items"]) == lines
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.fixture
def counter(app, api, client, inside):
    """The frequent requests of a till and a storefront, by name."""
    jane = inside(factories.make_customer, points=5000, first_name="Jane")
    products = [inside(factories.make_product, stock=500) for _ in range(9)]
    inside(factories.make_coupon, "ASANTE")
    inside(factories.make_payment)
    public = "/api/v1/storefront"

    def items(number: int) -> list[dict[str, Any]]:
        return [{"product_id": product.id, "quantity": 1} for product in products[:number]]

    def order(lines: int, **rest: Any) -> Callable[[], Any]:
        body = {"customer": {"email": jane.email}, "payment_method": "mpesa", "items": items(lines)} | rest
        return lambda: client.post(f"{public}/checkout/create-order", json=body)

    def paid() -> Callable[[], Any]:
        placed = inside(factories.place, jane, [(products[0], 1), (products[1], 2)]).order
        return lambda: api.patch(f"/orders/{placed.id}/payment-status", {"payment_status": "paid"})

    def verify() -> Callable[[], Any]:
        body = {"email": jane.email, "code": inside(newest_code, app)}
        return lambda: client.post(f"{public}/loyalty/redemption/verify-otp", json=body)

    def preview(lines: int) -> Callable[[], Any]:
        body = {"email": jane.email, "items": items(lines), "coupon_code": "ASANTE"}
        return lambda: client.post(f"{public}/loyalty/preview", json=body)

    def redemption() -> dict[str, Any]:
        return {"token": inside(factories.make_token, jane.id), "points": 500}

    return {
        "config": lambda: lambda: client.get(f"{public}/loyalty/config"),
        "preview of 3": lambda: preview(3),
        "preview of 9": lambda: preview(9),
        "a code sent": lambda: lambda: client.post(f"{public}/loyalty/redemption/send-otp", json={"email": jane.email}),
        "a code verified": verify,
        "an order of 1": lambda: order(1),
        "an order of 9": lambda: order(9),
        "an order of 3 with coupon and points": lambda: order(3, coupon_code="ASANTE", loyalty_redemption=redemption()),
        "paid, with the award": paid,
        "standing": lambda: lambda: api.get(f"/customers/{jane.id}/loyalty"),
    }


MOST = {
    "config": 1,
    "preview of 3": 5,
    "preview of 9": 5,
    "a code sent": 13,
    "a code verified": 14,  # attempts are counted by person, address and installation
    "an order of 1": 13,  # orders of an address and mails to a mailbox are counted: two statements each
    "an order of 9": 21,  # each line's stock is taken by its own statement, always in the same order
    "an order of 3 with coupon and points": 19,
    "paid, with the award": 10,  # with its events, and the lines that these show
    "standing": 4,
}
"""Statements, beginning and end of the transaction not counted. More than these need a deliberate change."""


def test_what_shops_do_all_day_costs_no_more_statements_than_this(client, counter, statements, subtests):
    assert client.get("/api/v1/storefront/settings").status_code == 200  # from here on the settings are cached
    for name, prepare in counter.items():
        ask = prepare()
        with statements() as seen:
            answer = ask()
        with subtests.test(name):
            assert answer.status_code in {200, 201}
            asked = [one for one in seen if not one.startswith("BEGIN")]  # which is said aloud on SQLite only
            assert len(asked) <= MOST[name]
