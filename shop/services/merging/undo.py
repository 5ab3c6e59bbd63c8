"""Undo a merge of customers, within 30 days and unless moved points were spent."""

from typing import Any

from sqlalchemy import String, case, cast, func, select, update

from shop.db.session import db
from shop.db.transaction import transaction
from shop.db.upsert import PURGED_AT_ONCE
from shop.domain.events import EventType
from shop.domain.statuses import EntryKind, OrderStatus, PaymentStatus
from shop.domain.text.search import search_text
from shop.models import Base, Customer, CustomerMerge, LoyaltyAccount, LoyaltyEntry, Order
from shop.services import clock
from shop.services.actors import Actor
from shop.services.customers.events import record_customer, show_customer
from shop.services.customers.records import lock_customer
from shop.services.errors import Conflict, NotFound
from shop.services.loyalty.ledger import find_account
from shop.services.merging.customers import UNDO_WITHIN, references
from shop.services.merging.points import move_amounts
from shop.services.merging.snapshot import put_back


def undo_merge(merge_id: int, actor: Actor) -> CustomerMerge:
    """Restore a merged customer with their id and rows; what the target got since stays with the target.

    Raise NotFound, Conflict if it is too late, undone already, not the target's newest merge, or points were spent.
    """
    with transaction() as session:
        merge = session.scalars(select(CustomerMerge).where(CustomerMerge.id == merge_id).with_for_update()).first()
        if merge is None:
            raise NotFound("There is no such merge.", code="merge_not_found")
        target = lock_customer(merge.target_id)
        _check(merge)
        before = show_customer(merge.target_id)
        _take_fields_back(target, merge.snapshot)
        put_back(Customer, merge.snapshot["source"] | {"points_balance": 0})
        _move_back(merge)
        amounts = merge.points, merge.earned, merge.shortfall
        move_amounts(merge.target_id, merge.source_id, amounts, f"undo-merge:{merge.id}", actor)
        for customer_id in (merge.source_id, merge.target_id):
            _count_again(customer_id)
        merge.undone_at, merge.snapshot = clock.now(), {}
        session.flush()
        record_customer(EventType.CUSTOMER_CREATED, merge.source_id, actor)
        updated = record_customer(EventType.CUSTOMER_UPDATED, merge.target_id, actor, before=before)
        updated.audit("customer.merge_undone", old=str(merge.target_id), new=str(merge.source_id))
        session.expire(target)
    return merge


def _check(merge: CustomerMerge) -> None:
    if merge.undone_at is not None:
        raise Conflict("This merge was undone already.", code="merge_undone")
    if not merge.snapshot or merge.created_at < clock.now() - UNDO_WITHIN:
        raise Conflict("A merge can be undone for 30 days; this one is older.", code="merge_too_old")
    newer = select(CustomerMerge.id).where(
        CustomerMerge.target_id == merge.target_id, CustomerMerge.undone_at.is_(None), CustomerMerge.id > merge.id
    )
    if db.session.scalars(newer).first() is not None:
        raise Conflict("Undo the customer's newer merges first.", code="merge_not_newest")
    account = find_account(merge.target_id)
    held = (account.points_balance, account.lifetime_earned, account.shortfall) if account else (0, 0, 0)
    if _has_spent(merge) or any(now < then for now, then in zip(held, _moved(merge), strict=True)):
        raise Conflict("The merge can't be undone: points were used since.", code="points_used")


def _moved(merge: CustomerMerge) -> tuple[int, int, int]:
    return merge.points, merge.earned, merge.shortfall


def _has_spent(merge: CustomerMerge) -> bool:
    spent = (
        select(LoyaltyEntry.id)
        .join(LoyaltyAccount, LoyaltyAccount.id == LoyaltyEntry.account_id)
        .where(
            LoyaltyAccount.customer_id == merge.target_id,
            LoyaltyEntry.kind == EntryKind.REDEEMED,
            LoyaltyEntry.created_at >= merge.created_at,
        )
    )
    return db.session.scalars(spent.limit(1)).first() is not None


def _take_fields_back(target: Customer, snapshot: dict[str, Any]) -> None:
    """Restore the target's fields that the merge filled, unless they were changed since."""
    before = snapshot.get("before", {})
    for name, value in snapshot["filled"].items():
        if getattr(target, name) == value:
            setattr(target, name, before.get(name, None if name in ("email", "phone") else ""))
            if name == "phone":
                target.phone_verified_at = None
            elif name == "email":
                target.password_hash = None
    target.search_text = search_text(target.first_name, target.last_name, target.email, target.phone)
    db.session.flush()


def _move_back(merge: CustomerMerge) -> None:
    moved, source = merge.snapshot["moved"], merge.source_id
    for model, attribute in references():
        ids = moved.get(model.__tablename__, [])
        for start in range(0, len(ids), PURGED_AT_ONCE):
            rows = (model.id.in_(ids[start : start + PURGED_AT_ONCE]), attribute == merge.target_id)
            statement = update(model).where(*rows).values({attribute.key: source})
            # statements on any table, after which none of these rows is used again
            db.session.execute(statement.execution_options(synchronize_session=False))
    models = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
    for name, packed in merge.snapshot["dropped"].items():
        put_back(models[name], packed)
    closed = select(LoyaltyEntry.account_id).where(LoyaltyEntry.idempotency_key.like(f"merge:{merge.id}:from:%"))
    account = update(LoyaltyAccount).where(LoyaltyAccount.id.in_(closed)).values(customer_id=source)
    db.session.execute(account.execution_options(synchronize_session=False))


def _count_again(customer_id: int) -> None:
    """Recalculate a customer's totals from their orders."""
    counts = Order.status != OrderStatus.CANCELLED
    paid = counts & Order.payment_status.in_((PaymentStatus.PAID, PaymentStatus.REFUNDED))
    totals = db.session.execute(
        select(
            func.coalesce(func.sum(case((counts, 1), else_=0)), 0),
            func.coalesce(func.sum(case((paid, Order.total_cents - Order.refunded_cents), else_=0)), 0),
            func.max(Order.order_date),
        ).where(Order.customer_id == customer_id)
    ).one()
    values = dict(zip(("total_orders", "total_spent_cents", "last_order_at"), totals, strict=True))
    statement = update(Customer).where(Customer.id == customer_id).values(values)
    db.session.execute(statement.execution_options(synchronize_session=False))


def forget_merges() -> int:
    """Clear snapshots of the session's shops that can no longer be undone; return how many."""
    row = CustomerMerge
    with transaction() as session:
        past = select(row).where(row.created_at < clock.now() - UNDO_WITHIN, cast(row.snapshot, String) != "{}")
        found = session.scalars(past.limit(PURGED_AT_ONCE)).all()
        for merge in found:
            merge.snapshot = {}
    return len(found)
