"""Edits of unpaid orders: exact amounts, stock, coupon and points; a paid order is refused."""

import uuid
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import current_shop_id
from shop.models import Coupon, LoyaltyEntry, OrderItem
from shop.services.errors import Conflict, InvalidInput
from shop.services.loyalty.ledger import find_balance
from shop.services.loyalty.verification import verify_ledger
from shop.services.orders.lifecycle import cancel_order, mark_paid, set_order_status
from shop.services.orders.manual.creation import create_manual_order
from shop.services.orders.manual.editing import edit_order, is_editable, preview_edit, version_of
from shop.services.orders.manual.order import ManualLine, ManualOrder
from shop.services.orders.pricing.lines import PostalAddress
from shop.services.orders.repository import get_order
from tests import factories
from tests.factories import TESTER, make_coupon, make_customer, make_product, make_shipping, make_token, stock_of

pytestmark = pytest.mark.usefixtures("ctx")


@pytest.fixture
def jane():
    return make_customer(points=5000)


@pytest.fixture
def milk():
    return make_product("Milk", 10000, stock=20)


@pytest.fixture
def tea():
    return make_product("Tea", 5000, stock=20)


@pytest.fixture
def order(jane, milk):
    """Four times milk at 100.00, 1,000 points (10.00 off) and a coupon of ten per cent."""
    make_coupon("TEN", "percentage", 1000, usage_limit=1)
    return create_manual_order(
        ManualOrder(
            [ManualLine(4, milk.id)],
            customer_id=jane.id,
            coupon_code="TEN",
            points=1000,
            redemption_token=make_token(jane.id),
            delivers=True,
            shipping_method_id=make_shipping("Boda", 15000).id,
            address=PostalAddress("shipping", street="Kirichwa Road", city="Nairobi"),
        ),
        TESTER,
        request_key=str(uuid.uuid4()),
    )


def as_it_is(order):
    """Return an edit that changes nothing."""
    return ManualOrder(
        [ManualLine(item.quantity, item=item) for item in order.items],
        customer_id=order.customer_id,
        coupon_code=order.coupon_code or "",
        points=order.points_redeemed,
        delivers=bool(order.shipping_method),
        keeps_delivery=bool(order.shipping_method),
        address=PostalAddress("shipping", street="Kirichwa Road", city="Nairobi") if order.addresses else None,
    )


def save(order, entered):
    edit_order(order.id, entered, TESTER, version=version_of(order))
    return get_order(order.id)


def kinds(order):
    return db.session.scalars(
        select(LoyaltyEntry.kind).where(LoyaltyEntry.order_id == order.id).order_by(LoyaltyEntry.id)
    ).all()


def test_an_edit_without_a_change_changes_nothing(order, jane, milk):
    edit = preview_edit(order.id, as_it_is(order), TESTER)
    assert edit.before == edit.after
    after = save(order, as_it_is(order))
    assert [item.id for item in after.items] == [item.id for item in order.items]
    assert (after.total_cents, after.shipping_cents) == (order.total_cents, 15000)
    assert (stock_of(milk), find_balance(jane.id)) == (16, 4000)
    assert kinds(order) == ["order_redeemed"]


def test_lines_are_changed_added_and_removed(order, jane, milk, tea):
    item = order.items[0]
    entered = replace(
        as_it_is(order),
        lines=[
            ManualLine(1, item=item, price_cents=9000),
            ManualLine(3, tea.id),
            ManualLine(2, name="Gas", price_cents=50),
        ],
    )
    preview = preview_edit(order.id, entered, TESTER)
    assert (stock_of(milk), stock_of(tea), find_balance(jane.id)) == (16, 20, 4000)
    assert get_order(order.id).total_cents == order.total_cents
    after = save(order, entered)
    assert (stock_of(milk), stock_of(tea)) == (19, 17)
    assert [(one.name, one.quantity, one.price_cents) for one in after.items] == [
        ("Milk", 1, 9000),
        ("Tea", 3, 5000),
        ("Gas", 2, 50),
    ]
    assert after.subtotal_cents == 9000 + 15000 + 100
    assert after.coupon_discount_cents == 2410
    assert after.total_cents == preview.after.total_cents == 24100 + 15000 - 2410 - 1000
    gone = save(after, replace(as_it_is(after), lines=[ManualLine(3, item=after.items[1])]))
    assert (stock_of(milk), stock_of(tea)) == (20, 17)
    assert len(gone.items) == 1


def test_points_shrink_with_the_order_and_come_back(order, jane):
    item = order.items[0]
    entered = replace(as_it_is(order), lines=[ManualLine(1, item=item, price_cents=1000)])
    after = save(order, entered)
    assert after.points_redeemed == 500  # half of the goods at most
    assert after.points_discount_cents == 500
    assert find_balance(jane.id) == 4500
    assert kinds(order) == ["order_redeemed", "redeem_reversed", "order_redeemed"]
    none = save(after, replace(as_it_is(after), points=0))
    assert (none.points_redeemed, none.points_returned, find_balance(jane.id)) == (0, 0, 5000)
    cancel_order(order.id, "Placed twice", TESTER)
    assert find_balance(jane.id) == 5000
    assert verify_ledger(current_shop_id()).is_clean


def test_more_points_need_a_code_and_all_return_on_cancelling(order, jane):
    with pytest.raises(InvalidInput) as refused:
        preview_edit(order.id, replace(as_it_is(order), points=2000), TESTER)
    assert refused.value.errors[0].field == "code"
    token = make_token(jane.id)
    entered = replace(as_it_is(order), points=2000, redemption_token=token)
    preview_edit(order.id, entered, TESTER)
    after = save(order, entered)
    assert (after.points_redeemed, after.points_discount_cents, find_balance(jane.id)) == (2000, 2000, 3000)
    with pytest.raises(InvalidInput):
        save(after, replace(entered, points=2500))
    cancel_order(order.id, "Placed twice", TESTER)
    assert find_balance(jane.id) == 5000
    assert get_order(order.id).points_returned == 2000


def test_the_coupon_is_kept_exchanged_and_given_back(order):
    uses = select(Coupon.code, Coupon.usage_count)
    make_coupon("FIVE", "fixed", 500)
    after = save(order, replace(as_it_is(order), coupon_code="five"))
    assert dict(db.session.execute(uses).all()) == {"TEN": 0, "FIVE": 1}
    after = save(after, replace(as_it_is(after), coupon_code=""))
    assert dict(db.session.execute(uses).all()) == {"TEN": 0, "FIVE": 0}
    assert (after.coupon_id, after.coupon_code, after.coupon_discount_cents) == (None, None, 0)
    with pytest.raises(InvalidInput):
        preview_edit(order.id, replace(as_it_is(after), coupon_code="NOPE"), TESTER)


def test_delivery_is_changed_and_dropped(order):
    after = save(order, replace(as_it_is(order), shipping_cents=20000))
    assert (after.shipping_method, after.shipping_cents) == ("Boda", 20000)
    street = PostalAddress("shipping", street="Ngong Road", city="Nairobi")
    parcel = make_shipping("Parcel", 35000).id
    entered = replace(as_it_is(after), keeps_delivery=False, shipping_method_id=parcel, address=street)
    after = save(after, entered)
    assert (after.shipping_method, after.shipping_cents) == ("Parcel", 35000)
    assert [address.street for address in after.addresses] == ["Ngong Road"]
    after = save(after, replace(as_it_is(after), delivers=False, keeps_delivery=False))
    assert (after.shipping_method, after.shipping_cents, after.addresses) == (None, 0, [])


def test_too_little_stock_is_refused_whole(order, milk, jane):
    entered = replace(as_it_is(order), lines=[ManualLine(21, item=order.items[0])], points=0)
    with pytest.raises(Conflict) as refused:
        save(order, entered)
    assert "Milk" in refused.value.message
    assert (stock_of(milk), find_balance(jane.id), get_order(order.id).points_redeemed) == (16, 4000, 1000)
    assert save(order, replace(entered, lines=[ManualLine(20, item=order.items[0])])).items[0].quantity == 20
    assert stock_of(milk) == 0


def test_what_is_paid_closed_or_changed_meanwhile_is_refused(order):
    with pytest.raises(Conflict) as refused:
        edit_order(order.id, as_it_is(order), TESTER, version="another")
    assert refused.value.code == "order_changed"
    mark_paid(order.id, "", TESTER)
    assert not is_editable(get_order(order.id))
    with pytest.raises(Conflict) as refused:
        preview_edit(order.id, as_it_is(order), TESTER)
    assert refused.value.code == "order_paid"


def test_a_cancelled_order_is_refused(order):
    set_order_status(order.id, "cancelled", TESTER)
    with pytest.raises(Conflict) as refused:
        preview_edit(order.id, as_it_is(order), TESTER)
    assert refused.value.code == "order_not_editable"


def test_an_order_that_costs_nothing_by_then_is_paid(jane, milk):
    made = create_manual_order(ManualOrder([ManualLine(1, milk.id)]), TESTER, request_key="free")
    after = save(made, replace(as_it_is(made), discount_cents=10000))
    assert (after.total_cents, after.payment_status) == (0, "paid")


STEPS = st.lists(
    st.tuples(
        st.integers(0, 5),  # milk
        st.integers(0, 5),  # tea
        st.sampled_from([None, 1, 3333, 9999]),  # own price of tea
        st.integers(0, 3000),  # points
        st.sampled_from(["", "TEN"]),
        st.integers(0, 5000),  # discount
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_after_any_edits_everything_adds_up(steps):
    jane, milk, tea = (
        make_customer(points=5000),
        make_product("Milk", 10000, stock=20),
        make_product("Tea", 5000, stock=20),
    )
    code = factories.unique("c").upper()
    coupon = make_coupon(code, "percentage", 1000)
    order = create_manual_order(
        ManualOrder([ManualLine(2, milk.id)], customer_id=jane.id, points=1000, redemption_token=make_token(jane.id)),
        TESTER,
        request_key=str(uuid.uuid4()),
    )
    for milks, teas, price, points, wants, discount in steps:
        lines = []
        for product, count, own in ((milk, milks, None), (tea, teas, price)):
            held = [item for item in order.items if item.product_id == product.id]
            if count:
                lines.append(ManualLine(count, product.id, price_cents=own, item=held[0] if held else None))
        entered = ManualOrder(
            lines,
            customer_id=jane.id,
            points=points,
            redemption_token=make_token(jane.id),
            coupon_code=code if wants else "",
            discount_cents=discount,
        )
        with suppress(InvalidInput, Conflict):
            edit_order(order.id, entered, TESTER, version=version_of(order))
        order = get_order(order.id)
        items = {item.product_id: item.quantity for item in order.items}
        assert sum(item.quantity * item.price_cents for item in order.items) == order.subtotal_cents
        assert stock_of(milk) == 20 - items.get(milk.id, 0)
        assert stock_of(tea) == 20 - items.get(tea.id, 0)
        assert find_balance(jane.id) == 5000 - order.points_redeemed + order.points_earned
        assert db.session.scalars(select(Coupon.usage_count).where(Coupon.id == coupon.id)).one() == bool(
            order.coupon_id
        )
    cancel_order(order.id, "Placed twice", TESTER)
    assert (stock_of(milk), stock_of(tea), find_balance(jane.id)) == (20, 20, 5000)
    assert verify_ledger(current_shop_id()).is_clean
    assert db.session.scalars(select(OrderItem.id).where(OrderItem.order_id == order.id)).all()
