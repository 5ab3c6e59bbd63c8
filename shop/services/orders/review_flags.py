"""Payments that staff must review: flagged once for each cause, open until resolved."""

from collections.abc import Sequence

from sqlalchemy import select, text, update
from sqlalchemy.orm import joinedload

from shop.db.session import db
from shop.db.transaction import transaction
from shop.db.upsert import insert_or_ignore_id
from shop.domain.events import EventType
from shop.models import Order, PaymentFlag
from shop.models.payments.payment import NOT_HANDLED
from shop.services import audit_log, clock
from shop.services.actors import SYSTEM, Actor
from shop.services.errors import InvalidInput, NotFound
from shop.services.events.recording import record

MAX_NOTE = 500


def raise_flag(kind: str, order_id: int, cause: str, amount_cents: int, reference: str | None = None) -> None:
    """Flag an order for review, once for each cause, in the caller's transaction."""
    fields = {"kind": kind, "order_id": order_id, "reference": reference, "created_at": clock.now()}
    flag_id = insert_or_ignore_id(
        PaymentFlag, [PaymentFlag.cause], **fields, cause=cause, amount_cents=amount_cents, handled_note=""
    )
    if flag_id is not None:
        whose = db.session.scalars(select(Order.customer_id).where(Order.id == order_id)).first()
        shown = {"id": flag_id, "amount": amount_cents, **fields}
        record(EventType.PAYMENT_NEEDS_REVIEW, flag_id, lambda: shown, SYSTEM, customer_id=whose)


def close_flags(order_id: int, kind: str, actor: Actor) -> None:
    """Resolve an order's open flags of a kind, in the caller's transaction: their cause is gone."""
    open_flags = (PaymentFlag.order_id == order_id, PaymentFlag.kind == kind, PaymentFlag.handled_at.is_(None))
    values = {"handled_at": clock.now(), "handled_by": actor.label}
    db.session.execute(update(PaymentFlag).where(*open_flags).values(values))


def list_open_flags(most: int, kind: str | None = None) -> Sequence[PaymentFlag]:
    """Return the shop's open flags, or those of a kind, newest first, with their orders and customers."""
    found = select(PaymentFlag).where(text(NOT_HANDLED)).order_by(PaymentFlag.id.desc()).limit(most)
    if kind is not None:
        found = found.where(PaymentFlag.kind == kind)
    return db.session.scalars(found.options(joinedload(PaymentFlag.order).joinedload(Order.customer))).all()


def list_flags(order_id: int) -> list[PaymentFlag]:
    """Return the flags of an order, newest first."""
    found = select(PaymentFlag).where(PaymentFlag.order_id == order_id).order_by(PaymentFlag.id.desc())
    return list(db.session.scalars(found))


def handle_flag(order_id: int, flag_id: int, note: str, actor: Actor) -> bool:
    """Resolve a flag of an order with a note; return False if it was resolved before.

    Raises NotFound, InvalidInput for a note that is too long.
    """
    note = note.strip()
    if len(note) > MAX_NOTE:
        raise InvalidInput.of("note", "must have at most %(limit)s characters", limit=MAX_NOTE)
    with transaction():
        found = select(PaymentFlag).where(PaymentFlag.id == flag_id, PaymentFlag.order_id == order_id)
        flag = db.session.scalars(found.with_for_update().execution_options(populate_existing=True)).first()
        if flag is None:
            raise NotFound("There is no such payment to review.", code="flag_not_found")
        if flag.handled_at is not None:
            return False
        flag.handled_at, flag.handled_by, flag.handled_note = clock.now(), actor.label, note
        audit_log.record(actor, "order.payment_handled", f"order:{order_id}", old=flag.kind, new="handled")
        return True
