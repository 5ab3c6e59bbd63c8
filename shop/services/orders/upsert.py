"""Add or change an order identified by its external id."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shop.db.transaction import transaction
from shop.domain.events import EventType
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.services import clock
from shop.services.actors import Actor
from shop.services.errors import Conflict
from shop.services.orders.events import record_order as record_event
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.orders.payment_references import hold_reference
from shop.services.orders.recording import ExternalOrder, record_order
from shop.services.orders.repository import OrderRecord, find_by_external_id, get_order, lock_order, save_order


@dataclass(frozen=True, slots=True)
class OrderChanges:
    """The changes of an existing order; None keeps a value."""

    status: OrderStatus | None = None
    payment_status: PaymentStatus | None = None
    payment_method: str | None = None
    payment_reference: str | None = None
    details: Mapping[str, Any] | None = None


def save_by_external_id(
    external: ExternalOrder, amounts: Mapping[str, int], changes: OrderChanges, actor: Actor
) -> OrderRecord:
    """Record an order, or change the one with its external id.

    ``amounts`` are those given, by column. Raise Conflict ``order_amounts_differ`` if the existing order has others,
    and as `record_order`, `set_payment_status` and `set_order_status`.
    """
    with transaction():
        hold_reference(changes.payment_reference)
        order_id = find_by_external_id(external.external_id)
        if order_id is None:
            return record_order(external, actor)
        order = lock_order(order_id)
        _check_amounts(order, amounts)
        _set_values(order, changes, actor)
        if changes.payment_status not in (None, order.payment_status):
            set_payment_status(order_id, changes.payment_status, actor, reference=changes.payment_reference)
        if changes.status not in (None, order.status):
            set_order_status(order_id, changes.status, actor)
        return get_order(order_id)


def _set_values(order: OrderRecord, changes: OrderChanges, actor: Actor) -> None:
    """Set metadata and payment method of a locked order if they differ."""
    details, method = order.details or {}, order.payment_method
    if changes.details is not None:
        details = dict(changes.details)
    if changes.payment_method is not None:
        method = changes.payment_method
    if (details, method) != (order.details or {}, order.payment_method):
        order.details, order.payment_method, order.updated_at = details, method, clock.now()
        save_order(order)
        record_event(EventType.ORDER_UPDATED, order, actor)


def _check_amounts(order: OrderRecord, amounts: Mapping[str, int]) -> None:
    if any(getattr(order, column) != cents for column, cents in amounts.items()):
        raise Conflict(
            "This order was recorded with other amounts, which cannot change. Refund it, or cancel it and record "
            "another one.",
            code="order_amounts_differ",
        )
