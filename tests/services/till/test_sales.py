"""Sales at the till: each once, points at once, undone within ten minutes, limits of clerks."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from shop.db.session import db
from shop.domain.statuses import OrderStatus, PaymentStatus, Role
from shop.models import Customer, Order
from shop.services import clock
from shop.services.customers.records import create_customer
from shop.services.errors import Conflict, InvalidInput, NotAllowed, NotFound
from shop.services.loyalty.adjustments import adjust_points
from shop.services.loyalty.ledger import find_balance
from shop.services.orders.deletion import delete_order
from shop.services.orders.lifecycle import set_payment_status
from shop.services.orders.recording import ExternalLine
from shop.services.shops.settings import change_settings
from shop.services.till.sales import Sale, get_sale, record_sale, undo_sale
from tests import factories
from tests.factories import TESTER


def sale(**fields):
    return Sale(**{"sale_id": str(uuid4()), "amount_cents": 96_000, "method": "cash", "phone": "0712345678"} | fields)


@pytest.fixture
def jane(ctx):
    return create_customer(phone="0712345678", first_name="Jane")


def count_orders():
    return db.session.scalars(select(func.count(Order.id))).one()


def test_a_sale_is_a_paid_and_done_order_that_earns_at_once(jane):
    made = record_sale(sale(reference="SGH7X2K9QP", method="mpesa", device="Till 1"), TESTER)
    order = made.order
    assert (order.status, order.payment_status, order.total_cents) == ("completed", "paid", 96_000)
    assert (order.payment_method, order.api_label, order.source) == ("M-Pesa", "Till 1", "admin")
    assert [entry.reference for entry in order.transactions] == ["SGH7X2K9QP"]
    assert (made.is_new, made.balance, order.points_earned, order.customer_id) == (True, 960, 960, jane.id)


def test_the_same_sale_again_gives_nothing_twice(jane):
    first = sale(reference="SGH7X2K9QP", method="mpesa")
    made = record_sale(first, TESTER)
    again = record_sale(first, TESTER)
    assert (again.is_new, again.order.id, again.balance, count_orders()) == (False, made.order.id, 960, 1)
    for other in (replace(first, amount_cents=100), replace(first, reference="X"), replace(first, method="card")):
        with pytest.raises(Conflict) as refused:
            record_sale(other, TESTER)
        assert refused.value.code == "sale_differs"
    assert find_balance(jane.id) == 960


@pytest.mark.parametrize("typed", ["sgh7x2k9qp", " SGH7X2K9QP\u200b", "ＳＧＨ７Ｘ２Ｋ９ＱＰ"])
def test_a_reference_is_the_same_however_it_is_typed(jane, typed):
    record_sale(sale(reference="SGH7X2K9QP", method="mpesa"), TESTER)
    with pytest.raises(Conflict):
        record_sale(sale(reference=typed, method="mpesa"), TESTER)


def test_a_reference_counts_once_and_is_free_again_after_undo(jane):
    made = record_sale(sale(reference="SGH7X2K9QP", method="mpesa"), TESTER)
    with pytest.raises(Conflict, match=made.order.order_number):
        record_sale(sale(reference="SGH7X2K9QP", method="mpesa"), TESTER)
    assert (count_orders(), find_balance(jane.id)) == (1, 960)
    undo_sale(made.sale.sale_id, TESTER)
    assert record_sale(sale(reference="SGH7X2K9QP", method="mpesa"), TESTER).balance == 960


def test_the_reference_of_a_payment_of_another_order_is_used(jane):
    order = factories.place(factories.make_customer(), [(factories.make_product(), 1)]).order
    set_payment_status(order.id, PaymentStatus.PAID, TESTER, reference="SGZ1")
    with pytest.raises(Conflict, match=order.order_number):
        record_sale(sale(reference="SGZ1", method="mpesa"), TESTER)


def test_an_unknown_phone_makes_a_customer_and_a_verified_one_finds_them(ctx):
    guest = create_customer(phone="0722000111", verified=False)
    made = record_sale(sale(phone="0722000111"), TESTER)
    assert made.order.customer_id != guest.id
    assert record_sale(sale(phone="+254 722 000111"), TESTER).order.customer_id == made.order.customer_id
    assert db.session.scalars(select(func.count(Customer.id))).one() == 2


def test_items_must_add_up_and_their_stock_is_taken(jane):
    milk = factories.make_product(price_cents=6_000, stock=5)
    lines = [ExternalLine(3, milk.id)]
    with pytest.raises(InvalidInput):
        record_sale(sale(lines=lines, amount_cents=100), TESTER)
    made = record_sale(sale(lines=lines, amount_cents=18_000), TESTER)
    assert factories.stock_of(milk) == 2
    record_sale(sale(lines=lines, amount_cents=18_000), TESTER)  # sold though the count says 2
    assert factories.stock_of(milk) == 2
    undo_sale(made.sale.sale_id, TESTER)
    assert factories.stock_of(milk) == 5


def test_a_sale_is_undone_once_and_only_for_ten_minutes(jane, monkeypatch):
    first, second = sale(), sale(amount_cents=10_000)
    record_sale(first, TESTER)
    record_sale(second, TESTER)
    undone = undo_sale(first.sale_id, TESTER)
    assert (undone.balance, undone.order.status, undone.order.payment_status) == (
        100,
        OrderStatus.CANCELLED,
        PaymentStatus.PENDING,
    )
    assert undo_sale(first.sale_id, TESTER).balance == 100
    assert record_sale(first, TESTER).is_new is False
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(Conflict, match="Ten minutes"):
        undo_sale(second.sale_id, TESTER)
    with pytest.raises(NotFound):
        undo_sale("nothing", TESTER)


def test_spent_points_keep_a_sale_from_being_undone(jane):
    made = record_sale(sale(), TESTER)
    adjust_points(jane.id, -900, "Spent", TESTER)
    with pytest.raises(Conflict):
        undo_sale(made.sale.sale_id, TESTER)
    db.session.rollback()
    assert get_sale(made.sale.sale_id).order.status == OrderStatus.COMPLETED


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"method": "barter"}, "method"),
        ({"amount_cents": 0}, "amount"),
        ({"phone": None}, "customer"),
        ({"phone": "12"}, "phone"),
        ({"branch_id": 999_999}, "branch_id"),
        ({"taken_at": clock.now() + timedelta(days=1)}, "taken_at"),
    ],
)
def test_a_sale_that_cannot_be_is_refused_with_its_field(ctx, fields, named):
    with pytest.raises(InvalidInput) as refused:
        record_sale(sale(**fields), TESTER)
    assert [error.field for error in refused.value.errors] == [named]
    assert count_orders() == 0


def test_clerks_have_limits_and_managers_none(jane):
    change_settings({"till_sale_limit": "1000", "till_daily_limit": "2500"}, TESTER)
    clerk, manager = (factories.make_staff(role=role) for role in (Role.CLERK, Role.MANAGER))
    by_clerk, by_manager = (one.actor for one in (clerk, manager))
    with pytest.raises(NotAllowed) as refused:
        record_sale(sale(amount_cents=100_100), by_clerk)
    assert refused.value.code == "manager_needed"
    record_sale(sale(amount_cents=100_000), by_clerk)
    undone = record_sale(sale(amount_cents=100_000), by_clerk)
    undo_sale(undone.sale.sale_id, by_clerk)
    record_sale(sale(amount_cents=100_000), by_clerk)
    with pytest.raises(NotAllowed) as refused:
        record_sale(sale(amount_cents=60_000), by_clerk)
    assert refused.value.code == "daily_limit_reached"
    assert record_sale(sale(amount_cents=1_000_000), by_manager).balance == 12_000


def test_a_role_is_held_to_the_limits_unless_it_may_go_above(jane):
    change_settings({"till_sale_limit": "1000"}, TESTER)
    held = factories.make_staff(permissions=["orders.pay"]).actor
    free = factories.make_staff(permissions=["orders.pay", "till.unlimited"]).actor
    with pytest.raises(NotAllowed):
        record_sale(sale(amount_cents=100_100), held)
    assert record_sale(sale(amount_cents=100_100), free).order


def test_the_order_of_a_sale_without_points_can_be_deleted(jane):
    change_settings({"loyalty_points_enabled": "false"}, TESTER)
    made = sale()
    delete_order(record_sale(made, TESTER).order.id, TESTER)
    with pytest.raises(NotFound):
        get_sale(made.sale_id)
