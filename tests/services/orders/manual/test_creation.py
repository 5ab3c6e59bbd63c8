"""Orders entered by staff: the amounts, and the effects of creating one."""

import uuid
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from shop.db.session import db
from shop.db.tenant import current_shop_id
from shop.models import AuditEntry, Coupon, Order, OutboxMessage
from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.loyalty.ledger import find_balance
from shop.services.loyalty.verification import verify_ledger
from shop.services.orders.manual.creation import create_manual_order
from shop.services.orders.manual.drafts import delete_draft, get_draft, list_drafts, save_draft
from shop.services.orders.manual.order import ManualLine, ManualOrder, find_person, quote_manual_order
from shop.services.orders.pricing.lines import PostalAddress
from shop.services.orders.repository import get_order
from tests import factories
from tests.factories import TESTER, make_coupon, make_customer, make_payment, make_product, make_shipping, make_token

pytestmark = pytest.mark.usefixtures("ctx")


def create(order, key=None):
    return create_manual_order(order, TESTER, request_key=key or str(uuid.uuid4()))


def test_an_order_with_everything():
    jane, milk = make_customer(points=2000), make_product("Milk", 6250, stock=9)
    make_payment()
    make_coupon("KARIBU50", "fixed", 5000)
    rider = make_shipping("Boda", 15000)
    made = create(
        ManualOrder(
            lines=[ManualLine(4, milk.id), ManualLine(1, name="Gas refill, 6 kg", price_cents=110000)],
            customer_id=jane.id,
            address=PostalAddress("shipping", street="Kirichwa Road", city="Nairobi"),
            delivers=True,
            shipping_method_id=rider.id,
            shipping_cents=10000,
            discount_cents=7500,
            discount_reason="Regular customer",
            coupon_code="karibu50",
            points=1400,
            redemption_token=make_token(jane.id),
            payment_method="mpesa",
            is_paid=True,
            payment_reference="TGR4K8P2QX",
            note="Call at the gate.",
        )
    )
    assert (made.subtotal_cents, made.shipping_cents, made.discount_cents) == (135000, 10000, 7500 + 5000 + 1400)
    assert made.total_cents == 135000 + 10000 - 13900
    assert (made.source, made.status, made.payment_status, made.points_redeemed) == ("admin", "pending", "paid", 1400)
    assert [(item.name, item.took_stock, item.price_cents) for item in made.items] == [
        ("Milk", True, 6250),
        ("Gas refill, 6 kg", False, 110000),
    ]
    assert factories.stock_of(milk) == 5
    assert find_balance(jane.id) == 2000 - 1400 + made.points_earned
    assert made.points_earned == 1350
    assert db.session.scalars(select(Coupon.usage_count)).one() == 1
    assert [(note.author, note.content) for note in made.notes] == [
        ("Customer", "Call at the gate."),
        ("Tester", "KES 75.00: Regular customer"),
    ]
    assert [moved.reference for moved in made.transactions] == ["TGR4K8P2QX"]
    assert "order.created" in db.session.scalars(select(AuditEntry.action)).all()
    assert db.session.scalars(select(func.count(OutboxMessage.id)).where(OutboxMessage.kind == "order_placed")).one()
    assert factories.reload(jane).total_spent_cents == made.total_cents
    assert verify_ledger(current_shop_id()).is_clean


def test_the_same_key_creates_one_order():
    milk, key = make_product(stock=9), str(uuid.uuid4())
    order = ManualOrder([ManualLine(2, milk.id)])
    assert create(order, key).id == create(order, key).id
    assert db.session.scalars(select(func.count(Order.id))).one() == 1
    assert factories.stock_of(milk) == 7


def test_without_a_customer_or_delivery():
    made = create(ManualOrder([ManualLine(1, make_product(price_cents=5000).id)]))
    assert (made.customer_id, made.shipping_cents, made.total_cents) == (None, 0, 5000)
    assert (made.pay_by, made.confirm_by) == (None, None)


def test_a_new_customer_is_added():
    line = ManualLine(1, make_product().id)
    made = create(ManualOrder([line], new_customer={"phone": "0712 000 118", "first_name": "Wanjiku"}))
    assert made.customer.phone == "+254712000118"
    with pytest.raises(Conflict):
        create(ManualOrder([line], new_customer={"phone": "+254712000118"}))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lines": []}, "items"),
        ({"lines": [ManualLine(1, 987654)]}, "items[0].product_id"),
        ({"lines": [ManualLine(1, name=" ", price_cents=1)]}, "items[0].name"),
        ({"lines": [ManualLine(1, name="Gas")]}, "items[0].price"),
        ({"lines": [ManualLine(0, name="Gas", price_cents=1)]}, "items[0].quantity"),
        ({"discount_cents": 100001}, "discount"),
        ({"coupon_code": "NOPE"}, "coupon_code"),
        ({"points": 10}, "code"),
        ({"payment_method": "cowries"}, "payment_method"),
    ],
)
def test_invalid_values_are_refused(change, field):
    jane = make_customer(points=100)
    order = ManualOrder([ManualLine(1, make_product(price_cents=100000, stock=1).id)], customer_id=jane.id)
    with pytest.raises(InvalidInput) as refused:
        create(replace(order, **change))
    assert refused.value.errors[0].field == field
    assert db.session.scalars(select(func.count(Order.id))).one() == 0


def test_a_wrong_line_keeps_its_number():
    lines = [ManualLine(1, name="Gas", price_cents=1), ManualLine(1, make_product().id), ManualLine(1, 987654)]
    with pytest.raises(InvalidInput) as refused:
        create(ManualOrder(lines))
    assert refused.value.errors[0].field == "items[2].product_id"


def test_too_little_stock_changes_nothing():
    milk, tea = make_product(stock=9), make_product(stock=1)
    with pytest.raises(Conflict):
        create(ManualOrder([ManualLine(2, milk.id), ManualLine(2, tea.id)]))
    assert (factories.stock_of(milk), factories.stock_of(tea)) == (9, 1)


def test_the_quote_is_what_the_order_comes_to():
    jane, milk = make_customer(), make_product(price_cents=6250)
    order = ManualOrder([ManualLine(3, milk.id, price_cents=6000)], customer_id=jane.id, discount_cents=500)
    quote = quote_manual_order(order, find_person(jane.id))
    made = create(order)
    assert (quote.subtotal_cents, quote.total_cents) == (made.subtotal_cents, made.total_cents) == (18000, 17500)


def test_drafts_are_saved_listed_and_deleted():
    jane, key = make_customer(), str(uuid.uuid4())
    draft = save_draft(key, {"fields": {"note": "x"}}, TESTER, customer_id=jane.id, total_cents=500)
    save_draft(key, {"fields": {"note": "y"}}, TESTER, customer_id=None, total_cents=600)
    assert [(one.id, one.fields, one.total_cents) for one in list_drafts()] == [
        (draft.id, {"fields": {"note": "y"}}, 600)
    ]
    made = create(ManualOrder([ManualLine(1, make_product().id)]), key)
    assert list_drafts() == []
    assert get_order(made.id).id == made.id
    other = save_draft(str(uuid.uuid4()), {}, TESTER, customer_id=None, total_cents=0).id
    delete_draft(other)
    with pytest.raises(NotFound):
        get_draft(other)
