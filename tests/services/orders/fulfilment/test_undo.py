"""Undoing "marked paid" and "done": everything is restored, the ledger records it, and it can be repeated."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import current_shop_id
from shop.models import LoyaltyEntry, OrderTransaction
from shop.services import clock
from shop.services.errors import Conflict
from shop.services.loyalty.adjustments import adjust_points
from shop.services.loyalty.ledger import find_account, find_balance
from shop.services.loyalty.verification import verify_ledger
from shop.services.orders.fulfilment.undo import undo_done, undo_paid
from shop.services.orders.lifecycle import cancel_order, complete_order, mark_paid
from shop.services.orders.refunds import refund_order
from shop.services.orders.repository import get_order, lock_order, save_order
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER, make_customer, make_product, place

pytestmark = pytest.mark.usefixtures("ctx")


@pytest.fixture
def jane():
    return make_customer(points=100)


@pytest.fixture
def order(jane):
    """An unpaid order of 980.00."""
    return place(jane, [(make_product("Unga", 98000, stock=9), 1)]).order


def entries(order):
    found = select(LoyaltyEntry.kind, LoyaltyEntry.points, LoyaltyEntry.event)
    return [
        tuple(row)
        for row in db.session.execute(found.where(LoyaltyEntry.order_id == order.id).order_by(LoyaltyEntry.id))
    ]


def age(order_id, field, minutes):
    """Move a time of an order into the past."""
    locked = lock_order(order_id)
    setattr(locked, field, clock.now() - timedelta(minutes=minutes))
    save_order(locked)
    db.session.commit()


def test_marked_paid_is_undone_and_may_be_done_again(order, jane):
    mark_paid(order.id, "TGR4K8P2QX", TESTER)
    assert (find_balance(jane.id), factories.reload(jane).total_spent_cents) == (1080, 98000)
    undo_paid(order.id, TESTER)
    undone = get_order(order.id)
    assert (undone.payment_status, undone.paid_at, undone.points_earned, undone.points_taken_back) == (
        "pending",
        None,
        0,
        0,
    )
    assert (find_balance(jane.id), factories.reload(jane).total_spent_cents) == (100, 0)
    assert find_account(jane.id).lifetime_earned == 0
    assert db.session.scalars(select(OrderTransaction.status)).all() == ["voided"]
    mark_paid(order.id, "", TESTER)
    assert find_balance(jane.id) == 1080
    undo_paid(order.id, TESTER)
    mark_paid(order.id, "", TESTER)
    assert entries(order) == [("order_earned", 980, None), ("earn_reversed", -980, "undone")] * 2 + [
        ("order_earned", 980, None)
    ]
    refund_order(order.id, None, "", TESTER)
    assert find_balance(jane.id) == 100
    assert verify_ledger(current_shop_id()).is_clean


def test_done_is_undone(order, jane):
    change_setting("loyalty_award_trigger", "order_completed", TESTER)
    other = place(jane, [(make_product("Tea", 50000), 1)]).order
    complete_order(other.id, TESTER)
    assert find_balance(jane.id) == 600
    undo_done(other.id, TESTER)
    undone = get_order(other.id)
    assert (undone.status, undone.completed_at, find_balance(jane.id)) == ("pending", None, 100)
    complete_order(other.id, TESTER)
    assert find_balance(jane.id) == 600


def test_what_else_happened_keeps_the_points(jane):
    change_setting("loyalty_award_trigger", "either", TESTER)
    order = place(jane, [(make_product("Tea", 50000), 1)]).order
    mark_paid(order.id, "", TESTER)
    complete_order(order.id, TESTER)
    undo_paid(order.id, TESTER)
    assert find_balance(jane.id) == 600
    undo_done(order.id, TESTER)
    assert find_balance(jane.id) == 100
    cancel_order(order.id, "Placed twice", TESTER)
    assert find_balance(jane.id) == 100


def test_after_ten_minutes_it_stays(order):
    mark_paid(order.id, "", TESTER)
    complete_order(order.id, TESTER)
    age(order.id, "paid_at", 11)
    age(order.id, "completed_at", 11)
    for undo in (undo_paid, undo_done):
        with pytest.raises(Conflict) as refused:
            undo(order.id, TESTER)
        assert refused.value.code == "undo_over"


def test_spent_points_keep_it(order, jane):
    mark_paid(order.id, "", TESTER)
    adjust_points(jane.id, -200, "Spent", TESTER)
    with pytest.raises(Conflict) as refused:
        undo_paid(order.id, TESTER)
    assert refused.value.code == "points_spent"
    assert get_order(order.id).payment_status == "paid"
    assert find_balance(jane.id) == 880


def test_what_is_not_marked_or_refunded_is_refused(order):
    with pytest.raises(Conflict) as refused:
        undo_paid(order.id, TESTER)
    assert refused.value.code == "order_not_paid"
    with pytest.raises(Conflict) as refused:
        undo_done(order.id, TESTER)
    assert refused.value.code == "order_not_done"
    mark_paid(order.id, "", TESTER)
    refund_order(order.id, 100, "", TESTER)
    with pytest.raises(Conflict) as refused:
        undo_paid(order.id, TESTER)
    assert refused.value.code == "order_refunded"
