"""Change an order's status, with its points, stock, coupon and totals (``docs/contract/points.md``)."""

from collections.abc import Sequence

from sqlalchemy import insert, select

from shop.db.prepared import PreparedQuery, table
from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.money import format_money
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.models import OrderNote, OrderRefund, OrderTransaction
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.catalogue.coupons import return_coupon
from shop.services.catalogue.stock import return_stock
from shop.services.errors import Conflict, InvalidInput
from shop.services.loyalty.earning import award_order, undo_points
from shop.services.orders.customer_totals import add_to_customer, counts_for
from shop.services.orders.refunds import RefundLine, RefundPart, keep_lines, work_out_part
from shop.services.orders.repository import AnyOrder, WholeOrder, add_parts, hold_order, save_order

CANCEL_REASONS = ("The customer asked for it", "Not in stock", "Not paid in time", "Placed twice", "Placed by mistake")
"""Reasons that say nothing about a person: these may stand in the audit log."""
_PAYMENT = PreparedQuery(insert(table(OrderTransaction)))


def set_order_status(order_id: int, status: str, actor: Actor, *, reason: str = "") -> WholeOrder:
    """Move an order to a status; to the one it has, nothing happens.

    Completing awards when that is the order's trigger. Cancelling gives redeemed points, stock and the coupon's use
    back and takes earned points away, each once. A cancelled order that is revived takes and earns nothing by itself.
    A ``reason`` is kept as a note with the order, and in the audit log when it is one of :data:`CANCEL_REASONS`: what
    was written freely may be about a person, and goes with her. Raises NotFound, and InvalidInput for a word that is
    no status.
    """
    if status not in list(OrderStatus):
        raise InvalidInput.of("status", f"must be one of {', '.join(OrderStatus)}")
    with transaction():
        order = hold_order(order_id)
        if order.status == status:
            return add_parts(order)
        before, was = counts_for(order), order.status
        order.status = status
        order.updated_at = now = clock.now()
        if status == OrderStatus.COMPLETED:
            order.completed_at = now
            award_order(order, "order_completed", actor)
        elif status == OrderStatus.CANCELLED:
            order.cancelled_at = now
            return_stock(add_parts(order))
            return_coupon(order)
            undo_points(order, "cancelled", actor)
        add_to_customer(order, before)
        audit_log.record(
            actor, "order.status", f"order:{order.id}", old=was, new=_with_reason(order, status, reason, actor)
        )
        save_order(order)
        return add_parts(order)


def _with_reason(order: AnyOrder, status: str, reason: str, actor: Actor) -> str:
    """The new status for the audit log; why it was set is kept with the order."""
    reason = reason.strip()
    if not reason:
        return status
    db.session.add(OrderNote(order_id=order.id, author=actor.label, content=reason, created_at=clock.now()))
    return f"{status}: {reason if reason in CANCEL_REASONS else 'see the note with the order'}"


def set_payment_status(order_id: int, status: str, actor: Actor, *, reference: str | None = None) -> WholeOrder:
    """Move an order's payment to a status; to the one it has, nothing happens.

    Paid awards when that is the order's trigger, and a ``reference`` is kept as a transaction. Failed and refunded give
    redeemed points back and take earned ones away, each once; refunded means the whole amount and is final. Raises
    NotFound, InvalidInput for a word that is no payment status, Conflict for a refunded order.
    """
    if status not in list(PaymentStatus):
        raise InvalidInput.of("payment_status", f"must be one of {', '.join(PaymentStatus)}")
    with transaction():
        order = hold_order(order_id)
        if order.payment_status == status:
            return add_parts(order)
        if order.payment_status == PaymentStatus.REFUNDED:
            raise Conflict("This order was refunded; its payment cannot be changed any more.", code="order_refunded")
        before, was = counts_for(order), order.payment_status
        order.payment_status = status
        order.updated_at = now = clock.now()
        if status == PaymentStatus.PAID:
            order.paid_at = now
            if reference:
                write_payment(order, "payment", order.total_cents, reference)
            award_order(order, "payment_paid", actor)
        elif status == PaymentStatus.FAILED:
            undo_points(order, "payment failed", actor)
        elif status == PaymentStatus.REFUNDED:
            write_refund(order, work_out_part(order, None), "", actor, reference=reference)
        add_to_customer(order, before)
        audit_log.record(actor, "order.payment_status", f"order:{order.id}", old=was, new=status)
        save_order(order)
        return add_parts(order)


def refund_order(
    order_id: int,
    amount_cents: int | None,
    reason: str,
    actor: Actor,
    *,
    lines: Sequence[RefundLine] = (),
    reference: str | None = None,
    request_key: str | None = None,
) -> WholeOrder:
    """Give money back for a paid order: ``amount_cents`` of it, what ``lines`` come to, or all that is left.

    Points follow docs/contract/points.md, When an order is undone. With the last of the money the order becomes
    refunded, which is final. Repeating a ``request_key`` changes nothing and returns the order as it is. Raises
    NotFound, Conflict if the order is not paid, InvalidInput for more than is left of the money or of a line.
    """
    with transaction():
        order = hold_order(order_id)
        cause = f"refund:order:{order.id}:{request_key}" if request_key else None
        if cause and _was_refunded(cause):
            return add_parts(order)
        if order.payment_status != PaymentStatus.PAID:
            raise Conflict("Only a paid order can be refunded.", code="order_not_paid")
        part = work_out_part(order, amount_cents, lines)
        before = counts_for(order)
        write_refund(order, part, reason, actor, reference=reference, cause=cause)
        add_to_customer(order, before)
        audit_log.record(actor, "order.refunded", f"order:{order.id}", new=format_money(part.amount_cents))
        save_order(order)
        return add_parts(order)


def _was_refunded(cause: str) -> bool:
    return db.session.scalars(select(OrderRefund.id).where(OrderRefund.cause == cause)).first() is not None


def write_refund(
    order: AnyOrder, part: RefundPart, reason: str, actor: Actor, *, reference: str | None, cause: str | None = None
) -> None:
    """Keep a refund with a locked order and move the points it undoes, in the caller's transaction."""
    order.refunded_cents += part.amount_cents
    order.refunded_goods_cents += part.goods_cents
    order.updated_at = now = clock.now()
    in_full = order.refunded_cents == order.total_cents
    if in_full:
        order.payment_status = PaymentStatus.REFUNDED
    undone = undo_points(order, "refunded" if in_full else "refunded in part", actor, in_full=in_full)
    if part.amount_cents == 0:
        return
    write_payment(order, "refund", part.amount_cents, reference)
    refund = OrderRefund(
        order_id=order.id,
        amount_cents=part.amount_cents,
        goods_cents=part.goods_cents,
        reason=reason.strip(),
        cause=cause,
        reference=reference,
        points_taken_back=undone.taken_back,
        points_given_back=undone.given_back,
        points_short=undone.short,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label,
        created_at=now,
    )
    db.session.add(refund)
    db.session.flush()
    keep_lines(refund, part.lines)


def write_payment(order: AnyOrder, kind: str, amount_cents: int, reference: str | None) -> None:
    """Keep a ``payment`` or ``refund`` with an order, in the caller's transaction."""
    _PAYMENT(
        order_id=order.id,
        kind=kind,
        amount_cents=amount_cents,
        method=order.payment_method,
        reference=reference,
        status="completed",
        created_at=clock.now(),
    )
