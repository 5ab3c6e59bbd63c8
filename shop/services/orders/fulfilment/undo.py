"""Undo "marked paid" and "done" within ten minutes, including the points awarded."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.events import EventType
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.models import OrderTransaction, PaymentAttempt
from shop.services import clock
from shop.services.actors import Actor
from shop.services.errors import Conflict
from shop.services.loyalty.award_rule import past_triggers
from shop.services.loyalty.earning import undo_award
from shop.services.orders import customer_totals
from shop.services.orders.events import record_order
from shop.services.orders.repository import OrderRecord, lock_order, save_order
from shop.services.orders.review_flags import close_flags

UNDO_FOR: Final = timedelta(minutes=10)
UNDONE: Final = "undone"
VOIDED: Final = "voided"
"""Status of the payment record of an order marked paid by mistake."""


def may_undo(moment: datetime | None) -> bool:
    """Return whether a time is recent enough to undo."""
    return moment is not None and clock.now() - moment <= UNDO_FOR


def undo_paid(order_id: int, actor: Actor) -> None:
    """Mark an order unpaid that was marked paid by mistake, and reverse the points this awarded.

    Raises NotFound; Conflict after ten minutes, for an order that is not paid, was refunded, costs nothing or was paid
    through a provider, and if the points were spent.
    """
    with transaction():
        order = lock_order(order_id)
        if order.payment_status != PaymentStatus.PAID:
            raise Conflict("This order is not marked paid.", code="order_not_paid")
        _refuse_late(order.paid_at)
        _refuse_money(order)
        counted = customer_totals.contribution(order)
        order.payment_status, order.paid_at = PaymentStatus.PENDING, None
        if order.pay_by is not None and order.pay_by <= clock.now():
            order.pay_by = None
        _undo_points(order, actor)
        payments = (OrderTransaction.order_id == order.id, OrderTransaction.kind == "payment")
        db.session.execute(
            update(OrderTransaction).where(*payments, OrderTransaction.status == "completed").values(status=VOIDED),
        )
        close_flags(order.id, "same_reference", actor)
        customer_totals.apply(order, counted)
        _save(order, "order.payment_status", PaymentStatus.PAID, PaymentStatus.PENDING, actor)


def undo_done(order_id: int, actor: Actor) -> None:
    """Reopen an order that was marked done by mistake, and reverse the points this awarded.

    Raises NotFound; Conflict after ten minutes, for an order that is not done or was refunded, and if the points were
    spent.
    """
    with transaction():
        order = lock_order(order_id)
        if order.status != OrderStatus.COMPLETED:
            raise Conflict("This order is not marked done.", code="order_not_done")
        _refuse_late(order.completed_at)
        if order.refunded_cents:
            raise Conflict("This order was refunded, so it stays done.", code="order_refunded")
        order.status = OrderStatus.PROCESSING if order.out_for_delivery_at else OrderStatus.PENDING
        order.completed_at = None
        _undo_points(order, actor)
        _save(order, "order.status", OrderStatus.COMPLETED, order.status, actor)


def _refuse_late(moment: datetime | None) -> None:
    if not may_undo(moment):
        raise Conflict("This can only be undone within ten minutes.", code="undo_over")


def _refuse_money(order: OrderRecord) -> None:
    if order.refunded_cents:
        raise Conflict("This order was refunded, so it stays paid.", code="order_refunded")
    if order.total_cents == 0:
        raise Conflict("This order costs nothing, so it stays paid.", code="order_free")
    found = select(PaymentAttempt.id).where(PaymentAttempt.order_id == order.id, PaymentAttempt.state == "paid")
    if db.session.scalars(found.limit(1)).first() is not None:
        raise Conflict("The payment provider confirmed this payment, so it stays paid.", code="payment_confirmed")


def _undo_points(order: OrderRecord, actor: Actor) -> None:
    """Reverse what the order earned, unless another past event awards the same points."""
    if past_triggers(order):
        return
    if not undo_award(order, actor):
        raise Conflict(
            "The customer has already spent points of this order, so it cannot be undone. Refund it instead.",
            code="points_spent",
        )


def _save(order: OrderRecord, action: str, old: str, new: str, actor: Actor) -> None:
    order.updated_at = clock.now()
    save_order(order)
    updated = record_order(EventType.ORDER_UPDATED, order, actor, **{action.removeprefix("order."): old})
    updated.audit(action, old=old, new=new, reason=UNDONE)
