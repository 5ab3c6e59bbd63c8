"""A customer's timeline: orders, payments, points, notes, changes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from shop.db.session import db
from shop.models import AuditEntry, Customer, CustomerNote, LoyaltyAccount, LoyaltyEntry, Order, OrderRefund
from shop.queries.ledger.customer import HAPPENED_AT, entries_of
from shop.queries.ledger.kinds import slug_of

SHOWN = 12
_EACH = 3 * SHOWN
_LEFT_OUT = ("points.adjusted", "customer.read")  # the ledger has the first; reads are in the audit log alone


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """An item of the timeline.

    ``kind`` is ``joined``, ``placed``, ``paid``, ``completed``, ``cancelled``, ``refunded``, a kind of ledger entry,
    ``note``, or the action of an audit entry. ``amount`` is cents for orders and payments, points for entries; ``text``
    is the note, or what was changed.
    """

    at: datetime
    kind: str
    amount: int = 0
    currency: str = ""
    order_id: int | None = None
    order_number: str | None = None
    who: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Items, newest first; ``older`` is the time to continue before, None at the end."""

    entries: list[TimelineEntry]
    older: datetime | None


def get_timeline(customer: Customer, account: LoyaltyAccount | None, before: datetime | None = None) -> Timeline:
    """Return the newest items before a time. Items with the same time are never split between pages."""
    end = before or datetime(9999, 1, 1, tzinfo=UTC)
    found = [
        *_orders(customer.id, end),
        *_refunds(customer.id, end),
        *(_entries(account, end) if account is not None else []),
        *_notes(customer.id, end),
        *_changes(customer.id, end),
    ]
    if customer.created_at < end:
        found.append(TimelineEntry(customer.created_at, "joined"))
    found.sort(key=lambda entry: entry.at, reverse=True)
    if len(found) <= SHOWN:
        return Timeline(found, None)
    last = found[SHOWN - 1].at
    shown = [entry for entry in found if entry.at >= last]
    return Timeline(shown, last if len(shown) < len(found) else None)


def _orders(customer_id: int, end: datetime) -> list[TimelineEntry]:
    columns: tuple[tuple[str, InstrumentedAttribute[Any]], ...] = (
        ("placed", Order.order_date),
        ("paid", Order.paid_at),
        ("completed", Order.completed_at),
        ("cancelled", Order.cancelled_at),
    )
    found = []
    for kind, at in columns:
        statement = (
            select(at, Order.total_cents, Order.currency, Order.id, Order.order_number)
            .where(Order.customer_id == customer_id, at < end)
            .order_by(at.desc())
            .limit(_EACH)
        )
        for moment, *rest in db.session.execute(statement):
            found.append(TimelineEntry(moment, kind, *rest))
    return found


def _refunds(customer_id: int, end: datetime) -> list[TimelineEntry]:
    row = OrderRefund
    statement = (
        select(row.created_at, row.amount_cents, Order.currency, Order.id, Order.order_number, row.actor_label)
        .join(Order, Order.id == row.order_id)
        .where(Order.customer_id == customer_id, row.created_at < end)
        .order_by(row.created_at.desc())
        .limit(_EACH)
    )
    return [
        TimelineEntry(at, "refunded", amount, currency, order_id, number, who)
        for at, amount, currency, order_id, number, who in db.session.execute(statement)
    ]


def _entries(account: LoyaltyAccount, end: datetime) -> list[TimelineEntry]:
    row = LoyaltyEntry
    statement = (
        select(row.created_at, row.kind, row.points, row.order_id, Order.order_number, row.actor_label)
        .outerjoin(Order, Order.id == row.order_id)
        .where(*entries_of(account), end > HAPPENED_AT)
        .order_by(row.seq.desc())
        .limit(_EACH)
    )
    return [
        TimelineEntry(at, slug_of(kind), points, "", order_id, number, who)
        for at, kind, points, order_id, number, who in db.session.execute(statement)
    ]


def _notes(customer_id: int, end: datetime) -> list[TimelineEntry]:
    row = CustomerNote
    statement = (
        select(row.created_at, row.author_label, row.content)
        .where(row.customer_id == customer_id, row.created_at < end)
        .order_by(row.created_at.desc())
        .limit(_EACH)
    )
    return [TimelineEntry(at, "note", who=who, text=text) for at, who, text in db.session.execute(statement)]


def _changes(customer_id: int, end: datetime) -> list[TimelineEntry]:
    row = AuditEntry
    statement = (
        select(row.created_at, row.action, row.actor_label, row.new_value)
        .where(row.subject == f"customer:{customer_id}", row.action.not_in(_LEFT_OUT), row.created_at < end)
        .order_by(row.id.desc())
        .limit(_EACH)
    )
    return [
        TimelineEntry(at, action, who=who, text=new or "") for at, action, who, new in db.session.execute(statement)
    ]
