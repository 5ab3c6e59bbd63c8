"""Merge one customer into another (``docs/contract/input.md``, Identity).

The source's row is removed and stored in the merge's snapshot; every row that refers to it moves to the target. Points
move by ledger entries on both accounts that name the merge.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import UniqueConstraint, delete, func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.customers.fields import BY_NAME, MAX_TAGS, TYPED, parse_tags
from shop.domain.events import EventType, Noun
from shop.domain.text.search import search_text
from shop.models import Customer, CustomerMerge, CustomerTag, LoyaltyAccount, Order, ShopperSession
from shop.services import clock
from shop.services.actors import Actor
from shop.services.customers.erasure.personal_data import personal_tables, phone_forms
from shop.services.customers.events import record_customer, show_customer
from shop.services.customers.identity import enqueue_notice, hold_redemption, void_codes
from shop.services.customers.records import get_customer, lock_customer
from shop.services.errors import InvalidInput
from shop.services.events.recording import move_pending, record
from shop.services.loyalty.ledger import find_account
from shop.services.merging.points import move_all_points
from shop.services.merging.snapshot import pack_row

UNDO_WITHIN: Final = timedelta(days=30)
NOT_MOVED: Final = (LoyaltyAccount, ShopperSession, CustomerTag)
"""The account stays with the entries that empty it; the source is signed out; tags follow the field."""


@dataclass(frozen=True, slots=True)
class MergePreview:
    """The effect of a merge: rows moved by table, points, and the fields that the target gets from the source."""

    source: Customer
    target: Customer
    rows: dict[str, int]
    points: int
    filled: dict[str, Any]
    """New values by attribute: of fields that were empty, and the tags of both."""

    @property
    def texts(self) -> dict[str, str]:
        """Return the new values of the target's fields, by name."""
        return {field.name: field.text(self.filled[field.attribute]) for field in TYPED if field.name in self.filled}


def references() -> list[tuple[type[Any], InstrumentedAttribute[Any]]]:
    """Return the tables that refer to customers, with the referring attribute."""
    return [
        (table.model, attribute)
        for table in personal_tables()
        for attribute, parent in table.parents
        if parent is Customer and table.model not in NOT_MOVED
    ]


def preview_merge(source_id: int, target_id: int) -> MergePreview:
    """Return what merging one customer into another would move. Raise NotFound, InvalidInput for the same one."""
    source, target = get_customer(source_id), get_customer(target_id)
    if source.id == target.id:
        raise InvalidInput.of("into", "must be another customer")
    rows = {
        model.__tablename__: db.session.scalars(select(func.count(model.id)).where(attribute == source_id)).one()
        for model, attribute in references()
    }
    account = find_account(source_id)
    return MergePreview(
        source,
        target,
        {name: count for name, count in rows.items() if count},
        account.points_balance if account else 0,
        _fields_to_fill(source, target),
    )


def _fields_to_fill(source: Customer, target: Customer) -> dict[str, Any]:
    values = {field.attribute: getattr(source, field.attribute) for field in BY_NAME.values()}
    filled = {name: value for name, value in values.items() if value and not getattr(target, name)}
    tags = parse_tags([*target.tags, *source.tags][:MAX_TAGS])
    return filled | ({"tags": tags} if tags != target.tags else {})


def merge_customers(source_id: int, target_id: int, actor: Actor) -> CustomerMerge:
    """Merge a customer into another: all their rows move, and requests for their id get ``merged_into``.

    The target keeps their fields; empty ones are filled. Raise NotFound, InvalidInput for the same customer.
    """
    with transaction() as session:
        _lock_orders(source_id)
        _lock_both(source_id, target_id)
        preview, shown = preview_merge(source_id, target_id), show_customer(target_id)
        source, target = preview.source, preview.target
        merge = CustomerMerge(
            source_id=source_id,
            target_id=target_id,
            actor_kind=actor.kind,
            actor_label=actor.label,
            created_at=clock.now(),
        )
        session.add(merge)
        session.flush()
        merge.points, merge.earned, merge.shortfall = move_all_points(source_id, target_id, merge.id, actor)
        void_codes(source_id)
        before = {name: getattr(target, name) for name in preview.filled}
        fields = {"source": pack_row(source), "filled": preview.filled, "before": before}
        merge.snapshot = {**fields, **_move_rows(source_id, target_id)}
        _close_source(source)
        _fill(target, source, preview.filled)
        _rename(source, target)
        hours = hold_redemption(target, actor) if merge.points > 0 and source.email else 0
        if actor.kind == "staff" and source.email != target.email:
            enqueue_notice("merged", source.email, hours)
        session.flush()
        move_pending(source_id, target_id)
        _record(merge, actor, shown)
    return merge


def _record(merge: CustomerMerge, actor: Actor, before: dict[str, Any]) -> None:
    fields = {"id": merge.id, "customer_id": merge.source_id, "merged_into": merge.target_id, "points": merge.points}
    merged = record(EventType.CUSTOMER_MERGED, merge.id, lambda: fields, actor, customer_id=merge.target_id)
    subject = f"{Noun.CUSTOMER}:{merge.target_id}"
    merged.audit("customer.merged", subject, old=str(merge.source_id), new=str(merge.target_id))
    record_customer(EventType.CUSTOMER_UPDATED, merge.target_id, actor, before=before)


def _lock_orders(customer_id: int) -> None:
    """Lock a customer's orders before the customer, in the order of locking of every order change."""
    db.session.execute(select(Order.id).where(Order.customer_id == customer_id).order_by(Order.id).with_for_update())


def _lock_both(source_id: int, target_id: int) -> None:
    for customer_id in sorted({source_id, target_id}):
        lock_customer(customer_id)


def _move_rows(source_id: int, target_id: int) -> dict[str, Any]:
    """Move the source's rows to the target; return the ids by table, and rows that could not move, as they were."""
    moved: dict[str, list[int]] = {}
    dropped: dict[str, dict[str, Any]] = {}
    for model, attribute in references():
        ids = list(db.session.scalars(select(model.id).where(attribute == source_id).order_by(model.id)))
        if not ids:
            continue
        has_own = db.session.scalars(select(model.id).where(attribute == target_id)).first() is not None
        if _is_one_each(model, attribute.key) and has_own:
            dropped[model.__tablename__] = pack_row(db.session.get_one(model, ids[0]))
            statement: Any = delete(model).where(model.id.in_(ids))
        else:
            moved[model.__tablename__] = ids
            statement = update(model).where(attribute == source_id).values({attribute.key: target_id})
        # statements on any table, after which none of these rows is used again
        db.session.execute(statement.execution_options(synchronize_session=False))
    return {"moved": moved, "dropped": dropped}


def _is_one_each(model: type[Any], column: str) -> bool:
    """Return whether a table has at most one row for a customer."""
    keys = [key for key in model.__table__.constraints if isinstance(key, UniqueConstraint)]
    return any({found.name for found in key.columns} == {"shop_id", column} for key in keys)


def _close_source(source: Customer) -> None:
    sessions = delete(ShopperSession).where(ShopperSession.customer_id == source.id)
    db.session.execute(sessions.execution_options(synchronize_session=False))
    account = update(LoyaltyAccount).where(LoyaltyAccount.customer_id == source.id).values(customer_id=None)
    db.session.execute(account.execution_options(synchronize_session=False))
    db.session.execute(delete(Customer).where(Customer.id == source.id).execution_options(synchronize_session=False))


def _fill(target: Customer, source: Customer, filled: dict[str, Any]) -> None:
    """Fill the target's empty fields, and add the source's totals."""
    for name, value in filled.items():
        setattr(target, name, value)
    if "phone" in filled:
        target.phone_verified_at = source.phone_verified_at
    if "email" in filled:
        target.password_hash = source.password_hash
    target.total_orders += source.total_orders
    target.total_spent_cents += source.total_spent_cents
    dates = [day for day in (target.last_order_at, source.last_order_at) if day]
    target.last_order_at = max(dates, default=None)
    target.search_text = search_text(target.first_name, target.last_name, target.email, target.phone)
    target.updated_at = clock.now()


def _rename(source: Customer, target: Customer) -> None:
    """Replace the source's e-mail and phone by the target's in rows that name people by these.

    Rows that require one, links and sign-ups of the storefront, are deleted: they were sent to the source.
    """
    for table in personal_tables():
        for attribute, field in table.matches:
            old, new = getattr(source, field), getattr(target, field)
            if not old or old == new:
                continue
            rows = attribute.in_(phone_forms(old) if field == "phone" else [old])
            is_optional = table.model.__table__.columns[attribute.key].nullable
            statement: Any = update(table.model).values({attribute.key: new}) if is_optional else delete(table.model)
            db.session.execute(statement.where(rows).execution_options(synchronize_session=False))
