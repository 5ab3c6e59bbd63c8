"""Every change of stock leaves a movement; movements add up to the stock."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import StockMovement
from shop.services.catalogue.adjustments import adjust_stock
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.catalogue.products.records import get_product, update_product
from shop.services.errors import Conflict, InvalidInput
from shop.services.orders.lifecycle import cancel_order, set_payment_status
from shop.services.orders.placement import Checkout, place_order
from tests import factories
from tests.factories import TESTER
from tests.support.stock import find_stock_faults


def movements(product):
    rows = db.session.scalars(
        select(StockMovement).where(StockMovement.product_id == product.id).order_by(StockMovement.id)
    )
    return [(row.kind, row.change, row.quantity_after) for row in rows]


def test_an_order_and_its_cancellation_are_movements(ctx):
    product, customer = factories.make_product(stock=10), factories.make_customer()
    order = factories.place(customer, [(product, 3)]).order
    assert movements(product) == [("opening", 10, 10), ("sale", -3, 7)]
    cancel_order(order.id, "Not in stock", TESTER)
    assert movements(product)[2:] == [("cancellation", 3, 10)]
    assert find_stock_faults() == []


def test_a_failed_payment_that_succeeds_later_takes_the_stock_again(ctx):
    product, customer = factories.make_product(stock=10), factories.make_customer()
    order = factories.place(customer, [(product, 4)]).order
    set_payment_status(order.id, "failed", TESTER)
    set_payment_status(order.id, "paid", TESTER)
    assert [change for _kind, change, _after in movements(product)] == [10, -4, 4, -4]
    assert find_stock_faults() == []


def test_lines_of_one_article_are_one_movement_and_uncounted_stock_has_none(ctx):
    product, other = factories.make_product(stock=10), factories.make_product()
    variant = factories.make_variant(product, stock=5)
    lines = [CartLine(product.id, 1), CartLine(product.id, 2), CartLine(product.id, 2, variant.id)]
    place_order(Checkout("jane@example.com", [*lines, CartLine(other.id, 1)]))
    assert movements(product)[2:] == [("sale", -3, 7), ("sale", -2, 3)]
    assert movements(other) == []
    assert find_stock_faults() == []


def test_a_refused_order_leaves_no_movement(ctx):
    product = factories.make_product(stock=1)
    with pytest.raises(Conflict):
        place_order(Checkout("jane@example.com", [CartLine(product.id, 2)]))
    assert movements(product) == [("opening", 1, 1)]


def test_one_article_without_enough_stock_is_named_and_none_of_a_long_order_is_taken(ctx, monkeypatch):
    monkeypatch.setattr("shop.services.catalogue.stock.LENGTHS", (1, 2, 5))  # three statements for eleven products
    products = [factories.make_product(stock=100 + number) for number in range(11)]
    lines = [CartLine(product.id, 1 + place) for place, product in enumerate(products)]
    order = place_order(Checkout("jane@example.com", lines)).order
    assert [movements(product)[-1] for product in products] == [
        ("sale", -1 - place, 99) for place in range(len(products))
    ]
    cancel_order(order.id, "Not in stock", TESTER)
    assert [movements(product)[-1][2] for product in products] == [100 + place for place in range(len(products))]
    with pytest.raises(Conflict, match=products[7].name):
        place_order(Checkout("jane@example.com", [*lines[:7], CartLine(products[7].id, 108), *lines[8:]]))
    assert [len(movements(product)) for product in products] == [3] * len(products)
    assert find_stock_faults() == []


def test_an_adjustment_says_why_and_never_goes_below_zero(ctx):
    product = factories.make_product(stock=5)
    movement = adjust_stock(product.id, -2, "Broken", TESTER)
    assert (movement.change, movement.quantity_after, movement.reason) == (-2, 3, "Broken")
    with pytest.raises(InvalidInput) as refused:
        adjust_stock(product.id, -4, "Broken", TESTER)
    assert refused.value.code == "stock_below_zero"
    assert get_product(product.id).stock_quantity == 3
    assert find_stock_faults() == []


def test_stock_of_variants_is_adjusted_by_variant(ctx):
    product = factories.make_product()
    variant = factories.make_variant(product, stock=5)
    with pytest.raises(InvalidInput, match="variant_id is required"):
        adjust_stock(product.id, 1, "", TESTER)
    adjust_stock(product.id, 7, "Delivery", TESTER, variant_id=variant.id)
    assert movements(product) == [("opening", 5, 5), ("adjustment", 7, 12)]


def test_stock_that_is_counted_no_longer_leaves_with_a_movement(ctx):
    product = factories.make_product(stock=5)
    update_product(product.id, {"track_stock": False}, TESTER)
    update_product(product.id, {"stock_quantity": 9}, TESTER)
    assert movements(product) == [("opening", 5, 5), ("adjustment", -5, 0), ("adjustment", 9, 9)]
    assert find_stock_faults() == []
