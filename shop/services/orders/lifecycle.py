"""Change an order's status, with its points, stock, coupon and totals (``docs/contract/points.md``)."""

from shop.db.transaction import transaction
from shop.domain.statuses import EntryEvent, Fulfilment, OrderStatus, PaymentStatus
from shop.services import clock
from shop.services.actors import Actor
from shop.services.catalogue.coupons import retake_coupon, return_coupon
from shop.services.catalogue.payment_methods import PaymentOption, choose_method_by_hand
from shop.services.catalogue.stock import retake_stock, return_stock
from shop.services.errors import Conflict, InvalidInput
from shop.services.loyalty.earning import award_order, reverse_points
from shop.services.loyalty.redemption import retake_points
from shop.services.orders import customer_totals
from shop.services.orders.events import record_payment_status, record_status, with_children
from shop.services.orders.payment_references import flag_if_used, hold_reference
from shop.services.orders.pricing.lines import lines_from_stock, write_note, write_transaction
from shop.services.orders.refunds import calculate_refund, write_refund
from shop.services.orders.repository import OrderRecord, load_children, lock_order, save_order

MAX_REASON = 500
CANCEL_REASONS = ("The customer asked for it", "Not in stock", "Not paid in time", "Placed twice", "Placed by mistake")
"""Reasons without personal data, which the audit log may contain."""
SEE_NOTE = "see the note with the order"


def set_order_status(order_id: int, status: str, actor: Actor, *, reason: str = "") -> OrderRecord:
    """Set an order's status and return the order. No-op if it has that status.

    Completing awards points if that is the order's trigger. Cancelling restores redeemed points, stock and the coupon's
    use, and reverses earned points, each once. Reopening a cancelled order redeems and awards nothing. Raises
    NotFound, InvalidInput for an unknown status.
    """
    if status not in list(OrderStatus):
        raise InvalidInput.of("status", "must be one of %(choices)s", choices=", ".join(OrderStatus))
    with transaction():
        order = lock_order(order_id)
        if not change_status(order, OrderStatus(status), actor, reason=reason):
            return load_children(order)
    return with_children(order)


def change_status(
    order: OrderRecord, status: OrderStatus, actor: Actor, *, reason: str = "", notify: bool = False
) -> bool:
    """Set the status of a locked order, in the caller's transaction. Return False if it had that status.

    A ``reason`` is stored as a note on the order. The audit log has it only if it is one of CANCEL_REASONS: free text
    may be about a person, and is deleted with the customer. With ``notify``, the customer gets a message that the order
    ended unpaid. Pending and processing have one name on the pages, so a change between them is not in the audit log.
    """
    if order.status == status:
        return False
    counted, old, reason = customer_totals.contribution(order), order.status, reason.strip()
    order.status = status
    order.updated_at = now = clock.now()
    if status == OrderStatus.COMPLETED:
        order.completed_at = now
        award_order(order, "order_completed", actor)
    elif status == OrderStatus.CANCELLED:
        order.cancelled_at = now
        _return_all(order, EntryEvent.CANCELLED, actor)
    customer_totals.apply(order, counted)
    if reason:
        write_note(order.id, actor.label, reason, now)
        reason = reason if reason in CANCEL_REASONS else SEE_NOTE
    save_order(order)
    changed = record_status(order, old, actor)
    if reason or Fulfilment.unsent(old) != Fulfilment.unsent(status):  # else staff see the same status
        changed.audit("order.status", old=old, new=status, reason=reason or None)
    changed.notify(notify)
    return True


def _return_all(order: OrderRecord, event: EntryEvent, actor: Actor) -> None:
    """Return an order's stock, coupon use and redeemed points, and reverse its earned points, each once."""
    return_stock(order, lines_from_stock(order), actor)
    return_coupon(order)
    reverse_points(order, event, actor)


def _take_again(order: OrderRecord, actor: Actor) -> None:
    """Take again what a failed payment returned. Raises Conflict if something is no longer available."""
    lines = lines_from_stock(order)
    names = {(item.product_id, item.variant_id): item.name for item in order.items}
    retake_stock(order, [(line, names[line.product_id, line.variant_id]) for line in lines], actor)
    retake_coupon(order, order.customer)
    retake_points(order, actor)


def set_payment_status(
    order_id: int,
    status: str,
    actor: Actor,
    *,
    reference: str | None = None,
    method: str | None = None,
    notify: bool = True,
) -> OrderRecord:
    """Set an order's payment status and return the order. No-op if it has that status.

    Paid awards points if that is the order's trigger, and stores a ``reference`` as a transaction and the ``method``.
    Failed returns and reverses as cancelling does; pending or paid after that takes stock, coupon and redeemed points
    again. Refunded means the whole amount and is final. Raises NotFound, InvalidInput for an unknown status or method
    and for the method of what is not paid, Conflict as :func:`change_payment_status`.
    """
    if status not in list(PaymentStatus):
        raise InvalidInput.of("payment_status", "must be one of %(choices)s", choices=", ".join(PaymentStatus))
    if method and status != PaymentStatus.PAID:
        raise InvalidInput.of("payment_method", "is only for the payment status paid")
    with transaction():
        hold_reference(reference)
        order, by = lock_order(order_id), choose_method_by_hand(method)
        to = PaymentStatus(status)
        if not change_payment_status(order, to, actor, reference=reference, method=by, notify=notify):
            return load_children(order)
    return with_children(order)


def change_payment_status(
    order: OrderRecord,
    status: PaymentStatus,
    actor: Actor,
    *,
    reference: str | None = None,
    method: PaymentOption | None = None,
    notify: bool = True,
) -> bool:
    """Set the payment status of a locked order, in the caller's transaction. Return False if it had that status.

    The caller has held the ``reference``. A ``method`` becomes the order's when it is paid. With ``notify``, the
    customer of a paid or refunded order gets a message if the shop wants it. Raises Conflict for a refunded order, for
    refunding one that was never paid, and for a failed one whose stock, coupon or points are no longer available.
    """
    if order.payment_status == status:
        return False
    if order.payment_status == PaymentStatus.REFUNDED:
        raise Conflict("This order was refunded; its payment cannot be changed any more.", code="order_refunded")
    if status == PaymentStatus.REFUNDED and order.paid_at is None:
        raise Conflict("Only a paid order can be refunded.", code="order_not_paid")
    resumes = order.payment_status == PaymentStatus.FAILED and order.status != OrderStatus.CANCELLED
    if resumes and status != PaymentStatus.REFUNDED:
        _take_again(order, actor)
    counted, old = customer_totals.contribution(order), order.payment_status
    order.payment_status = status
    order.updated_at = clock.now()
    if status == PaymentStatus.PAID:
        _record_payment(order, actor, reference, method)
    elif status == PaymentStatus.FAILED:
        _return_all(order, EntryEvent.PAYMENT_FAILED, actor)
    elif status == PaymentStatus.REFUNDED:
        write_refund(order, calculate_refund(order, None), "", actor, reference=reference)
    customer_totals.apply(order, counted)
    save_order(order)
    changed = record_payment_status(order, old, actor)
    changed.audit("order.payment_status", old=old, new=status)
    changed.notify(notify and order.total_cents > 0)
    return True


def _record_payment(order: OrderRecord, actor: Actor, reference: str | None, method: PaymentOption | None) -> None:
    order.paid_at = order.updated_at
    if method is not None:
        order.payment_method, order.payment_method_code = method.name, method.code
    if reference:
        write_transaction(order, "payment", order.total_cents, reference)
        flag_if_used(order, reference)
    award_order(order, "payment_paid", actor)


def mark_paid(order_id: int, reference: str, actor: Actor, *, method: str | None = None) -> bool:
    """Mark an order paid, with the payment's reference and method if known. Return False if it was paid before.

    Raises NotFound, InvalidInput for an unknown method, Conflict as :func:`change_payment_status`.
    """
    with transaction():
        hold_reference(reference)
        order, by = lock_order(order_id), choose_method_by_hand(method)
        return change_payment_status(order, PaymentStatus.PAID, actor, reference=reference.strip() or None, method=by)


def complete_order(order_id: int, actor: Actor) -> bool:
    """Complete an order. Return False if it was complete before. Raises NotFound, Conflict for a cancelled order."""
    with transaction():
        order = lock_order(order_id)
        if order.status == OrderStatus.CANCELLED:
            raise Conflict("This order was cancelled, so it cannot be marked done.", code="order_cancelled")
        return change_status(order, OrderStatus.COMPLETED, actor)


def cancel_order(order_id: int, reason: str, actor: Actor) -> bool:
    """Cancel an order and store the reason. Return False if it was cancelled before.

    Raises NotFound, InvalidInput without a reason.
    """
    reason = reason.strip()
    if not reason:
        raise InvalidInput.of("reason", "is required")
    if len(reason) > MAX_REASON:
        raise InvalidInput.of("reason", "must have at most %(limit)s characters", limit=MAX_REASON)
    with transaction():
        return change_status(lock_order(order_id), OrderStatus.CANCELLED, actor, reason=reason)
