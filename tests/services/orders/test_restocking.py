"""Refunds that return their goods to stock: each piece once, into the branch it was taken from."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import AuditEntry, OrderItem, StockMovement, Variant
from shop.services.catalogue.branches import save_branch
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.catalogue.products.records import update_product
from shop.services.errors import InvalidInput
from shop.services.orders.lifecycle import cancel_order, set_payment_status
from shop.services.orders.placement import Checkout, place_order
from shop.services.orders.pricing.lines import pieces_to_return
from shop.services.orders.recording import ExternalLine
from shop.services.orders.refunds import RefundLine, refund_order
from shop.services.orders.repository import get_order
from shop.services.orders.restocking import list_restockable
from shop.services.till.sales import Sale, record_sale
from tests import factories
from tests.factories import TESTER
from tests.support.stock import find_stock_faults

pytestmark = pytest.mark.usefixtures("ctx")
SALE = "0f8fad5b-d9cb-469f-a165-70867728950e"


def buy(*lines):
    order = place_order(Checkout("jane@example.com", [CartLine(*line) for line in lines])).order
    return set_payment_status(order.id, "paid", TESTER)


def refund(order, pieces, place=0, **options):
    lines = None if pieces is None else [RefundLine(order.items[place].id, pieces)]
    return refund_order(order.id, lines, "came back", TESTER, **{"restock": True} | options)


def moved(order):
    """Return the movements of an order: kind, change, branch, variant."""
    row = StockMovement
    found = select(row.kind, row.change, row.branch_id, row.variant_id).where(row.order_id == order.id)
    return [tuple(one) for one in db.session.execute(found.order_by(row.id))]


def variant_stock(variant_id):
    return db.session.scalars(select(Variant.stock_quantity).where(Variant.id == variant_id)).one()


def kinds(order):
    return [(kind, change) for kind, change, _branch, _variant in moved(order)]


@pytest.mark.parametrize("ending", ["refund", "cancel", "fail"])
def test_each_piece_goes_back_once(ending):
    milk = factories.make_product(price_cents=1000, stock=10)
    order = buy((milk.id, 4))
    done = refund(order, 1)
    assert (done.refunds[-1].restocked_quantity, done.items[0].restocked_quantity) == (1, 1)
    refund(order, 1, restock=False)  # a broken one
    assert (factories.stock_of(milk), kinds(order)) == (7, [("sale", -4), ("refund", 1)])
    if ending == "refund":
        assert refund(order, None).refunds[-1].restocked_quantity == 2
        assert factories.stock_of(milk) == 9
        assert pieces_to_return(get_order(order.id)) == {}
    if ending == "fail":
        set_payment_status(order.id, "failed", TESTER)
    cancel_order(order.id, "Not in stock", TESTER)
    assert factories.stock_of(milk) == 9  # all but the broken one
    assert sum(change for _kind, change in kinds(order)) == -1
    assert find_stock_faults() == []


@pytest.mark.parametrize(("restock", "stock"), [(True, 10), (False, 6), (None, 10)])
def test_a_refund_of_the_rest_says_where_its_goods_stay_when_the_order_is_cancelled(restock, stock):
    milk = factories.make_product(price_cents=1000, stock=10)
    order = buy((milk.id, 4))
    done = refund(order, None, restock=restock)
    assert done.items[0].refunded_quantity == (4 if restock is False else 0)
    cancel_order(order.id, "Not in stock", TESTER)
    assert factories.stock_of(milk) == stock
    assert find_stock_faults() == []


def test_what_a_failed_payment_returned_is_taken_again_without_what_came_back_before():
    milk = factories.make_product(price_cents=1000, stock=10)
    order = buy((milk.id, 4))
    refund(order, 1)
    set_payment_status(order.id, "failed", TESTER)
    set_payment_status(order.id, "paid", TESTER)
    assert factories.stock_of(milk) == 7
    assert refund(order, None).refunds[-1].restocked_quantity == 3
    assert factories.stock_of(milk) == 10


def test_goods_go_back_into_the_branch_they_were_taken_from():
    milk, west = factories.make_product(price_cents=1000, stock=10), save_branch(None, "Westlands", TESTER)
    lines = [ExternalLine(quantity=3, name="Milk", price_cents=1000, product_id=milk.id)]
    sale = record_sale(Sale(SALE, 3000, "cash", phone="0712345678", lines=lines, branch_id=west.id), TESTER).order
    here = buy((milk.id, 1))
    refund(sale, 2)
    refund(here, 1)
    cancel_order(sale.id, "Placed by mistake", TESTER)
    branches = [[branch for _kind, _change, branch, _variant in moved(order)] for order in (sale, here)]
    assert branches == [[west.id] * 3, [branches[1][0]] * 2]
    assert branches[1][0] != west.id
    assert kinds(sale) == [("sale", -3), ("refund", 2), ("cancellation", 1)]


def test_a_variants_pieces_go_back_to_it():
    milk = factories.make_product(price_cents=1000, stock=10)
    big, small = factories.make_variant(milk, name="Big", stock=5), factories.make_variant(milk, name="Small", stock=5)
    order = buy((milk.id, 2, big.id), (milk.id, 3, small.id))
    place = next(number for number, item in enumerate(order.items) if item.variant_id == small.id)
    refund(order, 2, place)
    assert (variant_stock(big.id), variant_stock(small.id), factories.stock_of(milk)) == (3, 4, 10)
    assert moved(order)[-1][1::2] == (2, small.id)


def test_goods_that_took_no_stock_stay_out_of_it():
    milk, service = factories.make_product(price_cents=1000, stock=5), factories.make_product(price_cents=1000)
    order = buy((milk.id, 1), (service.id, 2))
    update_product(service.id, {"track_stock": True, "stock_quantity": 7}, TESTER)
    assert list_restockable(get_order(order.id)) == {item.id: 1 for item in order.items if item.product_id == milk.id}
    assert refund(order, None).refunds[-1].restocked_quantity == 1
    assert (factories.stock_of(milk), factories.stock_of(service)) == (5, 7)
    recorded = factories.make_order(factories.make_customer(), 1000, payment_status="paid")
    assert refund(recorded, None).refunds[-1].restocked_quantity == 0
    cancelled = buy((milk.id, 1))
    cancel_order(cancelled.id, "Not in stock", TESTER)
    assert (list_restockable(get_order(cancelled.id)), factories.stock_of(milk)) == ({}, 5)


def test_an_amount_names_no_goods():
    order = buy((factories.make_product(price_cents=1000, stock=5).id, 1))
    with pytest.raises(InvalidInput) as refused:
        refund_order(order.id, 500, "dented", TESTER, restock=True)
    assert [error.field for error in refused.value.errors] == ["restock"]


def test_the_audit_log_says_what_went_back():
    order = buy((factories.make_product(price_cents=1000, stock=5).id, 3))
    refund(order, 1, restock=False)
    refund(order, 2)
    found = select(AuditEntry.reason).where(AuditEntry.action == "order.refunded").order_by(AuditEntry.id)
    assert db.session.scalars(found).all() == [None, "2 returned to stock"]
    assert db.session.scalars(select(OrderItem.restocked_quantity)).all() == [2]
