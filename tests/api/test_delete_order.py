"""Deleting an order with its children, unless the ledger refers to it."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import AuditEntry, Coupon, Order, OrderItem, Product
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.orders.pricing.lines import PostalAddress
from shop.services.orders.refunds import refund_order
from tests import factories
from tests.factories import TESTER
from tests.support.rows import snapshot


@pytest.fixture
def off(api):
    """Loyalty is off."""
    api.put("/settings/shop/loyalty_points_enabled", {"value": False})


@pytest.mark.usefixtures("off")
def test_stock_coupon_and_totals_are_as_before(api, inside, shop):
    jane = inside(factories.make_customer)
    product = inside(factories.make_product, price_cents=10000, stock=5)
    coupon = inside(factories.make_coupon)
    inside(factories.place, jane, [(product, 1)])
    before = inside(factories.reload, jane)
    order = inside(
        factories.place,
        jane,
        [(product, 2)],
        coupon_code=coupon.code,
        notes="Ring twice.",
        addresses=[PostalAddress("shipping", name="Jane")],
    ).order
    inside(set_payment_status, order.id, "paid", TESTER, reference="SGH7")
    inside(refund_order, order.id, 100, "One was broken.", TESTER)
    assert api.delete(f"/orders/{order.id}").json["message"] == "Order deleted"
    after = inside(factories.reload, jane)
    for name in ("total_orders", "total_spent_cents", "last_order_at"):
        assert getattr(after, name) == getattr(before, name)
    assert inside(lambda: db.session.get(Product, product.id).stock_quantity) == 4
    assert inside(lambda: db.session.get(Coupon, coupon.id).usage_count) == 0
    left = inside(snapshot, shop.id)
    assert [len(left[table]) for table in ("orders", "order_items", "order_addresses", "order_notes")] == [1, 1, 0, 0]
    assert [len(left[table]) for table in ("order_transactions", "order_refunds")] == [0, 0]
    line = inside(lambda: db.session.scalars(select(AuditEntry).where(AuditEntry.action == "order.deleted")).one())
    assert (line.subject, line.old_value) == (f"order:{order.id}", order.order_number)
    assert api.delete(f"/orders/{order.id}").status_code == 404


@pytest.mark.usefixtures("off")
def test_a_cancelled_order_returns_nothing_twice(api, inside):
    jane, product = inside(factories.make_customer), inside(factories.make_product, stock=5)
    order = inside(factories.place, jane, [(product, 2)]).order
    inside(set_order_status, order.id, "cancelled", TESTER)
    assert api.delete(f"/orders/{order.id}").status_code == 200
    assert inside(lambda: db.session.get(Product, product.id).stock_quantity) == 5
    kept = inside(factories.reload, jane)
    assert (kept.total_orders, kept.last_order_at) == (0, None)


def test_an_order_that_moved_points_stays(api, inside):
    jane, product = inside(factories.make_customer, points=500), inside(factories.make_product, price_cents=10000)
    earned = inside(factories.make_order, jane, payment_status="paid")
    redeemed = inside(factories.place, jane, [(product, 1)], points=100).order
    inside(set_order_status, redeemed.id, "cancelled", TESTER)
    for order in (earned, redeemed):
        refused = api.delete(f"/orders/{order.id}")
        assert (refused.status_code, refused.json["code"]) == (409, "order_has_points")
    assert len(inside(lambda: db.session.scalars(select(Order.id)).all())) == 2
    assert inside(lambda: db.session.scalars(select(OrderItem.id)).all())


@pytest.mark.usefixtures("off")
def test_an_order_whose_payment_was_begun_stays(api, inside):
    order = inside(factories.place, inside(factories.make_customer), [(inside(factories.make_product), 1)]).order
    inside(factories.make_attempt, order.id)
    refused = api.delete(f"/orders/{order.id}")
    assert (refused.status_code, refused.json["code"]) == (409, "order_has_payment")
