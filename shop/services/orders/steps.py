"""What staff do to an order from its page: each step once, and only while the order still is as they saw it."""

from shop.db.transaction import transaction
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.services.actors import Actor
from shop.services.errors import Conflict, InvalidInput
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.orders.repository import hold_order

MAX_REASON = 500


def mark_paid(order_id: int, reference: str, actor: Actor) -> bool:
    """Mark an order paid, with the payment's reference if there is one; False when it was paid before.

    Raises NotFound, Conflict for a refunded order.
    """
    with transaction():
        if hold_order(order_id).payment_status == "paid":
            return False
        set_payment_status(order_id, PaymentStatus.PAID, actor, reference=reference.strip() or None)
        return True


def complete_order(order_id: int, actor: Actor) -> bool:
    """Complete an order; False when it was complete before. Raises NotFound, Conflict for a cancelled order."""
    with transaction():
        status = hold_order(order_id).status
        if status == OrderStatus.COMPLETED:
            return False
        if status == OrderStatus.CANCELLED:
            raise Conflict("This order was cancelled, so it cannot be completed.", code="order_cancelled")
        set_order_status(order_id, OrderStatus.COMPLETED, actor)
        return True


def cancel_order(order_id: int, reason: str, actor: Actor) -> bool:
    """Cancel an order and keep why; False when it was cancelled before. Raises NotFound, InvalidInput for no reason."""
    reason = reason.strip()
    if not reason:
        raise InvalidInput.of("reason", "must say why")
    if len(reason) > MAX_REASON:
        raise InvalidInput.of("reason", f"must have at most {MAX_REASON} characters")
    with transaction():
        if hold_order(order_id).status == "cancelled":
            return False
        set_order_status(order_id, OrderStatus.CANCELLED, actor, reason=reason)
        return True
