"""Merging two customers, and undoing it: each has their own data again and the ledger verifies."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import Address, AuditEntry, Customer, CustomerMerge, CustomerNote, LoyaltyEntry, Order
from shop.queries.loyalty.reports import get_standing
from shop.services import clock
from shop.services.customers.addresses import add_address
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.customers.notes import add_note
from shop.services.customers.records import find_customer, get_customer
from shop.services.errors import Conflict, InvalidInput, ShopError
from shop.services.loyalty.ledger import find_account, find_balance
from shop.services.loyalty.verification import verify_ledger
from shop.services.merging.customers import merge_customers, preview_merge
from shop.services.merging.undo import forget_merges, undo_merge
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.orders.recording import ExternalLine, ExternalOrder, record_order
from tests import factories
from tests.factories import TESTER
from tests.support.rows import tables_that_mention
from tests.support.threads import all_at_once

PHONE = "+254712345678"


@pytest.fixture
def jane(ctx):
    return factories.make_customer("jane@example.com", first_name="Jane", points=100)


@pytest.fixture
def joan(ctx):
    """A customer with points earned, spent and given, an order, an address and a note."""
    joan = factories.make_customer("joan@example.com", first_name="Joan", phone=PHONE, points=500)
    product = factories.make_product(price_cents=100_000)
    order = factories.place(joan, [(product, 1)], points=100).order
    set_payment_status(order.id, "paid", TESTER)
    add_address(joan.id, type="shipping", address1="Moi Avenue", city="Nairobi")
    add_note(joan.id, "Likes tea", TESTER)
    return factories.reload(joan)


def state_of(customer_id):
    customer, account = get_customer(customer_id), find_account(customer_id)
    db.session.refresh(customer)
    names = ("email", "phone", "first_name", "phone_verified_at", "total_orders", "total_spent_cents", "last_order_at")
    rows = [db.session.scalars(select(m.id).where(m.customer_id == customer_id)).all() for m in OWN]
    sums = (account.points_balance, account.lifetime_earned, account.shortfall)
    return [getattr(customer, name) for name in (*names, "points_balance")], rows, sums


OWN = (Order, Address, CustomerNote)


def test_everything_moves_and_the_ledger_is_right(ctx, jane, joan):
    before, lifetime = find_balance(joan.id), find_account(joan.id).lifetime_earned
    spent = joan.total_spent_cents
    merge = merge_customers(joan.id, jane.id, TESTER)
    merged = factories.reload(jane)
    assert (find_balance(jane.id), find_account(jane.id).lifetime_earned) == (before + 100, lifetime)
    assert (merged.email, merged.phone, merged.first_name) == ("jane@example.com", PHONE, "Jane")
    assert (merged.total_orders, merged.total_spent_cents, merged.points_balance) == (1, spent, before + 100)
    assert find_customer(phone=PHONE).id == jane.id
    assert find_customer(email="joan@example.com") is None
    assert [len(rows) for rows in state_of(jane.id)[1]] == [1, 1, 1]
    entries = db.session.scalars(select(LoyaltyEntry).where(LoyaltyEntry.kind.like("merged%"))).all()
    assert sum(entry.points for entry in entries) == 0
    assert {entry.meta["merge"] for entry in entries} == {f"merge:{merge.id}"}
    assert verify_ledger(ctx.id).is_clean


def _record_order(customer_id):
    soap = ExternalLine(name="Soap", price_cents=5_000, quantity=1)
    record_order(ExternalOrder(lines=[soap], customer_id=customer_id), TESTER)


def test_the_others_id_says_whom_they_became(jane, joan):
    ids = joan.id, jane.id
    merge_customers(*ids, TESTER)
    for use in (get_customer, get_standing, partial(delete_customer, actor=TESTER), _record_order):
        with pytest.raises(ShopError) as refused:
            use(ids[0])
        assert refused.value.merged_into == ids[1]


def test_undone_each_has_their_own_again(ctx, jane, joan):
    before = state_of(jane.id), state_of(joan.id)
    joan_id = joan.id
    merge = merge_customers(joan_id, jane.id, TESTER)
    undo_merge(merge.id, TESTER)
    assert (state_of(jane.id), state_of(joan_id)) == before
    assert verify_ledger(ctx.id).is_clean
    with pytest.raises(Conflict, match="already"):
        undo_merge(merge.id, TESTER)


def test_an_order_that_moved_can_be_cancelled(ctx, jane, joan):
    order = db.session.scalars(select(Order.id).where(Order.customer_id == joan.id)).one()
    merge = merge_customers(joan.id, jane.id, TESTER)
    set_order_status(order, "cancelled", TESTER)
    assert verify_ledger(ctx.id).is_clean
    with pytest.raises(Conflict, match="points were used"):
        undo_merge(merge.id, TESTER)


def test_spent_points_end_undoing(jane, joan):
    merge = merge_customers(joan.id, jane.id, TESTER)
    factories.place(jane, [(factories.make_product(price_cents=100_000), 1)], points=10)
    with pytest.raises(Conflict) as refused:
        undo_merge(merge.id, TESTER)
    assert refused.value.code == "points_used"


def test_after_thirty_days_it_stays(jane, joan):
    merge = merge_customers(joan.id, jane.id, TESTER)
    merge.created_at = clock.now() - timedelta(days=31)
    db.session.commit()
    assert forget_merges() == 1
    assert "joan@example.com" not in str(db.session.get(CustomerMerge, merge.id).snapshot)
    with pytest.raises(Conflict, match="30 days"):
        undo_merge(merge.id, TESTER)


def test_a_preview_changes_nothing(jane, joan):
    preview = preview_merge(joan.id, jane.id)
    assert (preview.rows["orders"], preview.rows["addresses"], preview.filled) == (1, 1, {"phone": PHONE})
    assert preview.points == find_balance(joan.id)
    with pytest.raises(InvalidInput, match="another customer"):
        preview_merge(jane.id, jane.id)


def test_a_merge_is_on_record_and_deletion_forgets_both(jane, joan):
    named = factories.make_customer("joan.zzyzx@example.com")
    factories.place(named, [(factories.make_product(price_cents=100), 1)])
    merge_customers(named.id, jane.id, TESTER)
    merge_customers(joan.id, jane.id, TESTER)
    assert db.session.scalars(select(AuditEntry.action).where(AuditEntry.action == "customer.merged")).first()
    delete_customer(jane.id, TESTER)
    assert db.session.scalars(select(Customer.id)).all() == []
    assert tables_that_mention(["joan.zzyzx@example.com"]) == {}


def test_a_merge_and_a_payment_at_once_both_succeed(app, shop, inside):
    product = inside(factories.make_product, price_cents=100_000)
    jane = inside(factories.make_customer)
    for _ in range(10):
        joan = inside(factories.make_customer)
        order_id = inside(lambda joan=joan: factories.place(joan, [(product, 1)]).order.id)
        calls = [
            lambda joan=joan: merge_customers(joan.id, jane.id, TESTER),
            lambda order_id=order_id: set_payment_status(order_id, "paid", TESTER),
        ]
        assert [answer for answer in all_at_once(app, shop.id, calls) if isinstance(answer, Exception)] == []
    assert inside(find_balance, jane.id) == 10_000
