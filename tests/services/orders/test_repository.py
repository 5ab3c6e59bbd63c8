"""An order as a record: the same from every loader, before and after a change."""

import pytest
from sqlalchemy import update

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import Order
from shop.schemas.orders.records import OrderOut
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.errors import NotFound
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.orders.placement import Checkout, place_order
from shop.services.orders.pricing.lines import PostalAddress
from shop.services.orders.recording import ExternalOrder, record_order
from shop.services.orders.refunds import refund_order
from shop.services.orders.repository import (
    COLUMNS,
    OrderRecord,
    get_order,
    get_orders,
    lock_order,
    save_order,
    values_of,
)
from tests import factories
from tests.factories import TESTER


@pytest.fixture
def placed(ctx):
    jane = factories.make_customer(points=1000, first_name="Jane", phone="0712345678")
    milk, tea = factories.make_product("Maziwa", 7900, stock=50), factories.make_product("Chai", 12000)
    litre = factories.make_variant(milk, "1 l", 14000, stock=50)
    lines = [CartLine(milk.id, 2), CartLine(milk.id, 1, litre.id), CartLine(tea.id, 3), CartLine(milk.id, 2)]
    factories.make_coupon("OFF")
    factories.make_payment(time_limit_minutes=30)
    home = [PostalAddress("shipping", "Jane", "Westlands Road", "Nairobi"), PostalAddress("billing", "Jane")]
    return place_order(
        Checkout(jane.email, lines, addresses=home, notes="Ring.", coupon_code="off", payment_method="M-Pesa")
    ).order


def test_it_has_the_models_columns():
    assert set(COLUMNS) == {column.key for column in Order.__table__.c} - {"shop_id", "number_suffix"}


def same_on_the_wire(order):
    return OrderOut.of(order) == OrderOut.of(get_order(order.id)) == OrderOut.of(get_orders([order.id])[0])


def test_a_placed_order_is_answered_as_it_is_kept(placed):
    assert same_on_the_wire(placed)
    kept = get_order(placed.id)
    assert dict(zip(COLUMNS, values_of(placed), strict=True)) == {name: getattr(kept, name) for name in COLUMNS}


def test_so_is_one_changed_within_a_larger_transaction(placed):
    with transaction():
        changed = set_payment_status(placed.id, "paid", TESTER)
        assert len(changed.items) == 4
        assert same_on_the_wire(changed)


def test_so_is_one_after_each_step(placed):
    steps = (
        lambda: set_payment_status(placed.id, "paid", TESTER, reference="QWE123"),
        lambda: set_order_status(placed.id, "processing", TESTER, reason="She called."),
        lambda: set_order_status(placed.id, "completed", TESTER),
        lambda: refund_order(placed.id, 5000, "One was broken.", TESTER),
        lambda: set_order_status(placed.id, "cancelled", TESTER, reason="Not in stock"),
        lambda: set_payment_status(placed.id, "refunded", TESTER),
    )
    for step in steps:
        assert same_on_the_wire(step())


def test_a_record_has_no_other_columns():
    with pytest.raises(TypeError, match="total"):
        OrderRecord(total=1)


def test_several_are_loaded_in_the_order_of_their_ids(placed):
    jane, tea = factories.make_customer(), factories.make_product()
    other = factories.place(jane, [(tea, 1)]).order
    bare = record_order(ExternalOrder([], email=jane.email, subtotal_cents=100), TESTER)
    wanted = [other.id, placed.id, bare.id]
    assert [OrderOut.of(order) for order in get_orders([*wanted, 999_999])] == [
        OrderOut.of(get_order(order_id)) for order_id in wanted
    ]
    assert get_orders([]) == []


def test_only_what_was_set_is_written(placed, statements):
    with transaction():
        order = lock_order(placed.id)
        db.session.execute(update(Order).values(api_label="till 2").execution_options(synchronize_session=False))
        with statements() as seen:
            save_order(order)
        assert seen == [], "nothing was set"
        order.status = "processing"
        save_order(order)
        save_order(order)
    kept = get_order(placed.id)
    assert (kept.status, kept.api_label) == ("processing", "till 2")


def test_an_order_of_another_shop_does_not_exist(placed):
    factories.make_shop()
    for touch in (get_order, lock_order):
        with pytest.raises(NotFound):
            touch(placed.id)


def test_a_number_that_is_taken_is_drawn_again(placed, monkeypatch):
    numbers = iter([placed.order_number, placed.order_number, "ORD-NEW"])
    monkeypatch.setattr("shop.services.orders.placement.draw_order_number", lambda *_: next(numbers))
    jane, tea = factories.make_customer(), factories.make_product()
    assert factories.place(jane, [(tea, 1)]).order.order_number == "ORD-NEW"


def test_stock_is_taken_and_put_back_by_one_statement_a_table_in_one_order(ctx, statements):
    milk = factories.make_product(stock=50)
    litre, other = factories.make_variant(milk, stock=50), factories.make_product(stock=50)
    lines = [CartLine(milk.id, 1, litre.id), CartLine(other.id, 1), CartLine(milk.id, 1)]

    def moved(seen):
        return [one.split()[1] for one in seen if one.startswith(("UPDATE products", "UPDATE variants"))]

    with statements() as taken:
        order = place_order(Checkout(factories.make_customer().email, lines)).order
    with statements() as back:
        set_order_status(order.id, "cancelled", TESTER)
    assert moved(taken) == moved(back) == ["products", "variants"]
