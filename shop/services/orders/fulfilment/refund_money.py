"""Refunds whose money has not been sent yet."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select, text

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import Order, OrderRefund
from shop.models.orders.refund import TO_SEND
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.customers.message_routes import enqueue_to_customer
from shop.services.errors import NotFound
from shop.services.orders.repository import get_order
from shop.services.shops.settings import get_settings

LISTED = 200


class RefundToSend(NamedTuple):
    """A refund to be sent, with its order."""

    refund: OrderRefund
    order: Order


def list_refunds_to_send() -> Sequence[RefundToSend]:
    """Return the oldest refunds to be sent."""
    found = select(OrderRefund, Order).join(Order, Order.id == OrderRefund.order_id).where(text(TO_SEND))
    rows = db.session.execute(found.order_by(OrderRefund.id).limit(LISTED))
    return [RefundToSend(refund, order) for refund, order in rows]


def count_refunds_to_send() -> int:
    """Return how many refunds are to be sent."""
    return db.session.scalars(select(func.count(OrderRefund.id)).where(text(TO_SEND))).one()


def lock_refund(order_id: int, refund_id: int) -> OrderRefund:
    """Return a refund of an order as currently stored, locked. Raise NotFound."""
    wanted = select(OrderRefund).where(OrderRefund.id == refund_id, OrderRefund.order_id == order_id)
    locked = wanted.with_for_update().execution_options(populate_existing=True)
    refund = db.session.scalars(locked).first()
    if refund is None:
        raise NotFound("There is no such refund.", code="refund_not_found")
    return refund


def mark_refund_sent(order_id: int, refund_id: int, reference: str, actor: Actor) -> bool:
    """Record that a refund's money was sent; return False if it was recorded before. Raises NotFound."""
    with transaction() as session:
        refund = lock_refund(order_id, refund_id)
        if refund.sent_at is not None:
            return False
        set_sent(refund, actor.label, reference)
        audit_log.record(actor, "order.refund_sent", f"order:{order_id}")
        session.flush()
        return True


def set_sent(refund: OrderRefund, sent_by: str, reference: str) -> None:
    """Set that a locked refund's money was sent and tell the customer, in the caller's transaction."""
    refund.sent_at, refund.sent_by = clock.now(), sent_by
    refund.reference = reference.strip() or refund.reference
    if get_settings().values["message_order_refunded"] == "true":
        payload = {"order_id": refund.order_id, "refund_id": refund.id}
        enqueue_to_customer("refund_sent", payload, get_order(refund.order_id).customer)
