"""The list of abandoned carts: search, filters, sort orders, pages."""

import pytest

from shop.domain.statuses import CartState
from shop.queries.carts.list import CartFilters, list_carts
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.shoppers.abandoned_carts import CartLeft, keep_abandoned_cart
from tests import factories


def leave(email=None, *, phone=None, total=None, product=12, quantity=1):
    """Report an abandoned cart."""
    left = CartLeft([CartLine(product, quantity)], email, phone, total)
    keep_abandoned_cart(left, shopper=None, address=factories.unique(), secret_key="k" * 32)


def emails(**filters):
    return [left.cart.email for left in list_carts(CartFilters(**filters)).rows]


@pytest.mark.usefixtures("ctx")
def test_carts_are_found_and_sorted():
    factories.make_customer("jane@example.com", first_name="Jane", last_name="Otieno")
    leave("jane@example.com", total=5000)
    leave("ali@example.com", total=90000, phone="0722576327")
    leave(None, total=100)
    assert emails() == [None, "ali@example.com", "jane@example.com"]
    assert emails(sort="-worth") == ["ali@example.com", "jane@example.com", None]
    assert emails(search="otieno") == ["jane@example.com"]
    assert emails(search="0722 576") == ["ali@example.com"]
    assert emails(search="%") == []
    assert emails(worth_from=5000) == ["ali@example.com", "jane@example.com"]


@pytest.mark.usefixtures("ctx")
def test_an_order_since_is_the_state_that_counts():
    jane = factories.make_customer("jane@example.com")
    milk = factories.make_product()
    leave("jane@example.com", product=milk.id, quantity=2)
    assert emails(state=CartState.OPEN) == ["jane@example.com"]
    factories.place(jane, [(milk, 1)])
    assert emails(state=CartState.OPEN) == []
    (left,) = list_carts(CartFilters(state=CartState.ORDERED)).rows
    assert (left.customer.id, left.worth_cents, left.items[0].name) == (jane.id, 2000, milk.name)


@pytest.mark.usefixtures("ctx")
def test_pages_lead_on_and_back():
    for number in range(51):
        leave(f"c{number}@example.com")
    first = list_carts(CartFilters())
    assert (len(first.rows), first.matching, first.before) == (50, 51, None)
    second = list_carts(CartFilters(), after=first.after)
    assert [left.cart.email for left in second.rows] == ["c0@example.com"]
    assert len(list_carts(CartFilters(), before=second.before).rows) == 50


@pytest.mark.usefixtures("ctx")
def test_a_total_is_unknown_while_a_product_is():
    leave("a@example.com", product=987654321)
    (left,) = list_carts(CartFilters()).rows
    assert (left.worth_cents, left.items[0].product) == (None, None)
