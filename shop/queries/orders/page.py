"""The data of an order's page: the effect of each action, and its events in order of time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, select

from shop.db.session import db
from shop.domain.statuses import Fulfilment, OrderStatus, PaymentStatus
from shop.models import (
    AuditEntry,
    LoyaltyEntry,
    OrderRefund,
    OrderTransaction,
    PaymentAttempt,
    PaymentFlag,
    RedemptionToken,
)
from shop.queries.orders.effects import ActionEffects, calculate_effects
from shop.queries.orders.no_award_reason import explain_no_points
from shop.services.orders.fulfilment.undo import UNDONE, VOIDED
from shop.services.orders.payment_references import PaidOrder, find_paid_by
from shop.services.orders.refunds import refunded_pieces
from shop.services.orders.repository import OrderRecord, get_order
from shop.services.orders.review_flags import list_flags
from shop.services.payments.attempts import list_attempts

NEWEST = 200
"""Events read of each kind; enough for any real order."""
Row = TypeVar("Row", OrderRefund, AuditEntry, LoyaltyEntry)
SAME_MOMENT = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Event:
    """An event of an order: ``kind`` says what happened, ``word`` has the status, method or text.

    Kinds: ``code``, ``made``, ``recorded``, ``edited``, ``out``, ``undone``, ``status``, ``payment``, ``paid``,
    ``refund``, ``note``, and the ledger's ``order_earned``, ``order_redeemed``, ``redeem_reversed``, ``earn_reversed``
    with signed ``points``.
    """

    at: datetime
    kind: str
    word: str = ""
    who: str = ""
    reference: str | None = None
    cents: int = 0
    points: int = 0
    shortfall: int = 0
    entry_seq: int = 0
    pieces: tuple[tuple[int, str], ...] = ()
    """The quantities that a refund took back."""
    restocked: int = 0
    """How many pieces a refund returned to stock."""


@dataclass(frozen=True, slots=True)
class OrderPage:
    """The data of an order's page; ``events`` are the newest first."""

    order: OrderRecord
    effects: ActionEffects
    explain_no_points: str | None
    events: list[Event]
    refunds: list[OrderRefund]
    payment_reference: str | None
    flags: list[PaymentFlag]
    attempts: list[PaymentAttempt]
    also_paid: list[PaidOrder]
    """Other orders with the payment's reference."""

    @property
    def points_may_come(self) -> bool:
        """Whether an action that is still possible could award points."""
        order, coming = self.order, []
        if order.payment_status in {PaymentStatus.PENDING, PaymentStatus.FAILED}:
            coming.append(self.effects.pay)
        if order.status in {OrderStatus.PENDING, OrderStatus.PROCESSING}:
            coming.append(self.effects.complete)
        return any(effect.earned or effect.why_none == "loyalty_off" for effect in coming)

    def moved_since(self, moment: datetime) -> list[Event]:
        """Return the ledger entries of the order from a time on, oldest first."""
        return [event for event in reversed(self.events) if event.entry_seq and event.at >= moment]


def get_order_page(order_id: int) -> OrderPage:
    """Return an order's page. Raise NotFound."""
    order = get_order(order_id)
    refunds = _newest(OrderRefund, OrderRefund.order_id == order.id)
    payments = [moved for moved in order.transactions if moved.kind == "payment" and moved.status != VOIDED]
    events = [*_made(order), *_changes(order, payments, refunds), *_refunds(order, refunds), *_points(order)]
    events += [Event(note.created_at, "note", note.content, note.author) for note in order.notes[-NEWEST:]]
    reference = next((moved.reference for moved in reversed(payments) if moved.reference), None)
    return OrderPage(
        order=order,
        effects=calculate_effects(order),
        explain_no_points=explain_no_points(order),
        events=sorted(events, key=_place, reverse=True),
        refunds=refunds,
        payment_reference=reference,
        flags=list_flags(order.id),
        attempts=list_attempts(order.id),
        also_paid=find_paid_by(reference, besides=order.id) if reference else [],
    )


def _place(event: Event) -> tuple[datetime, int, datetime]:
    """Sort by second, and within one by cause: the code, the order, the payment, its points."""
    rank = {"code": 0, "made": 1, "recorded": 2, "order_redeemed": 3}
    return event.at.replace(microsecond=0), rank.get(event.kind, 5 if event.entry_seq else 4), event.at


def _newest(model: type[Row], *conditions: ColumnElement[bool]) -> list[Row]:
    statement = select(model).where(*conditions).order_by(model.id.desc()).limit(NEWEST)
    return list(db.session.scalars(statement))


def _made(order: OrderRecord) -> Iterator[Event]:
    statement = select(RedemptionToken.created_at).where(RedemptionToken.order_id == order.id)
    for confirmed_at in db.session.scalars(statement):
        yield Event(confirmed_at, "code")
    yield Event(order.order_date, "made", order.source, order.api_label or "")
    if order.created_at - order.order_date > timedelta(minutes=1):
        yield Event(order.created_at, "recorded", order.source, order.api_label or "")


def _changes(order: OrderRecord, payments: list[OrderTransaction], refunds: list[OrderRefund]) -> Iterator[Event]:
    """Return the status changes. For a recorded order they are not in the audit log, but have a time."""
    entries = _newest(AuditEntry, AuditEntry.subject == f"order:{order.id}")
    seen = set()
    for entry in entries:
        status = entry.new_value or ""
        if entry.reason == UNDONE:
            yield Event(entry.created_at, "undone", entry.old_value or "", entry.actor_label)
        elif entry.action == "order.status" and not _is_same(entry.old_value, status):
            seen.add(status)
            yield Event(entry.created_at, "status", status, entry.actor_label)
        elif entry.action == "order.out_for_delivery":
            yield Event(entry.created_at, "out", "", entry.actor_label)
        elif entry.action == "order.edited":
            yield Event(entry.created_at, "edited", f"{entry.old_value} → {status}", entry.actor_label)
        elif entry.action == "order.payment_status" and status == PaymentStatus.PAID:
            seen.add(status)
            reference = _reference_at(entry.created_at, payments)
            yield Event(entry.created_at, "paid", order.payment_method or "", entry.actor_label, reference)
        elif entry.action == "order.refunded" and not order.total_cents:  # without money there is no refund in the list
            restocked = sum(item.restocked_quantity for item in order.items)
            pieces = _pieces(order, None)
            yield Event(entry.created_at, "refund", "", entry.actor_label, pieces=pieces, restocked=restocked)
        elif entry.action == "order.payment_status" and not (status == PaymentStatus.REFUNDED and refunds):
            yield Event(entry.created_at, "payment", status, entry.actor_label)
    if order.paid_at and "paid" not in seen:
        reference = _reference_at(order.paid_at, payments)
        yield Event(order.paid_at, "paid", order.payment_method or "", "", reference)
    for status, moment in ((OrderStatus.COMPLETED, order.completed_at), (OrderStatus.CANCELLED, order.cancelled_at)):
        if moment and status not in seen:
            yield Event(moment, "status", status)


def _is_same(old: str | None, new: str) -> bool:
    """Return whether two statuses have one name on the pages; changes between them were once in the audit log."""
    known = {old, new} <= set(OrderStatus)
    return known and Fulfilment.unsent(old or "") == Fulfilment.unsent(new)


def _reference_at(moment: datetime, payments: list[OrderTransaction]) -> str | None:
    """Return the payment reference given when an order was marked paid at a time."""
    found = (moved.reference for moved in payments if abs(moved.created_at - moment) < SAME_MOMENT)
    return next(found, None)


def _refunds(order: OrderRecord, refunds: list[OrderRefund]) -> Iterator[Event]:
    for refund in refunds:
        yield Event(
            refund.created_at,
            "refund",
            refund.reason,
            refund.actor_label,
            refund.reference,
            refund.amount_cents,
            pieces=_pieces(order, refund),
            restocked=refund.restocked_quantity,
        )


def _pieces(order: OrderRecord, refund: OrderRefund | None) -> tuple[tuple[int, str], ...]:
    names = {item.id: item.name for item in order.items}
    return tuple((number, names[line_id]) for line_id, number in refunded_pieces(order, refund).items())


def _points(order: OrderRecord) -> Iterator[Event]:
    for entry in _newest(LoyaltyEntry, LoyaltyEntry.order_id == order.id):
        yield Event(
            entry.created_at,
            entry.kind,
            entry.meta.get("trigger", ""),
            points=entry.points,
            shortfall=max(0, entry.shortfall),
            entry_seq=entry.seq,
        )
