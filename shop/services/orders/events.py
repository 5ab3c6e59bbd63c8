"""Domain events about orders."""

from typing import Any

from shop.db.transaction import is_open
from shop.domain.events import EventType
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.services.actors import Actor
from shop.services.events.recording import PendingEvent, record
from shop.services.orders.repository import OrderRecord, load_children

_BY_STATUS = {OrderStatus.COMPLETED: EventType.ORDER_COMPLETED, OrderStatus.CANCELLED: EventType.ORDER_CANCELLED}
_BY_PAYMENT = {PaymentStatus.PAID: EventType.ORDER_PAID, PaymentStatus.REFUNDED: EventType.ORDER_REFUNDED}


def record_placed(order: OrderRecord, actor: Actor) -> PendingEvent:
    """Record a new order with its children, in the caller's transaction."""
    return record(EventType.ORDER_PLACED, order.id, lambda: order, actor, customer_id=order.customer_id)


def record_external(order: OrderRecord, actor: Actor) -> None:
    """Record an order placed elsewhere, with the events it had by then."""
    record_placed(order, actor)
    if order.paid_at:
        record(EventType.ORDER_PAID, order.id, lambda: order, actor, customer_id=order.customer_id)
    if order.status in _BY_STATUS:
        record(_BY_STATUS[OrderStatus(order.status)], order.id, lambda: order, actor, customer_id=order.customer_id)


def record_order(type: EventType, order: OrderRecord, actor: Actor, **previous: Any) -> PendingEvent:
    """Record an event about a saved order, in the caller's transaction."""
    load = lambda: load_children(order)  # noqa: E731 what it shows is loaded at the end
    return record(type, order.id, load, actor, customer_id=order.customer_id, previous=previous)


def with_children(order: OrderRecord) -> OrderRecord:
    """Return an order with its children after :func:`record_order`, which loads them when the transaction ends.

    They are loaded now if the caller has an outer transaction.
    """
    return load_children(order) if is_open() else order


def record_status(order: OrderRecord, previous: str, actor: Actor) -> PendingEvent:
    """Record a status change: completed, cancelled, or updated for any other."""
    type = _BY_STATUS.get(OrderStatus(order.status), EventType.ORDER_UPDATED)
    return record_order(type, order, actor, status=previous)


def record_payment_status(order: OrderRecord, previous: str, actor: Actor) -> PendingEvent:
    """Record a payment status change: paid, refunded, or updated for any other."""
    type = _BY_PAYMENT.get(PaymentStatus(order.payment_status), EventType.ORDER_UPDATED)
    return record_order(type, order, actor, payment_status=previous)
