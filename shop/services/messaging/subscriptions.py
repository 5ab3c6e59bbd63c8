"""The messages that domain events cause: one table, by the event's type.

A use case says whether anyone is to be notified of what it did (``PendingEvent.notify``). Which message that is, to
whom, and whether the shop wants it, is here.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from shop.domain.events import EventType, Noun
from shop.services.customers.message_routes import Addressee, enqueue_to_customer
from shop.services.customers.records import get_customer
from shop.services.events.recording import PendingEvent
from shop.services.shops.settings import get_settings
from shop.services.staff.notices import notify_owners

Send = Callable[[PendingEvent, Any], None]
"""Enqueues a message about an event; the second argument is the object that it is about."""


def enqueue_messages(event: PendingEvent, about: Any) -> None:
    """Enqueue the message about an event, in the transaction that recorded it; no-op for a type without one."""
    send = SUBSCRIPTIONS.get(event.type)
    if send is not None:
        send(event, about)


def _to_customer(kind: str, payload: Callable[[PendingEvent, Any], dict[str, Any]], setting: str | None = None) -> Send:
    """Return a function that enqueues a message to the event's customer, if a ``setting`` of the shop is on."""

    def send(event: PendingEvent, about: Any) -> None:
        if setting is None or get_settings().values[setting] == "true":
            enqueue_to_customer(kind, payload(event, about), _customer(event, about))

    return send


def _customer(event: PendingEvent, about: Any) -> Addressee | None:
    """Return the customer; orders and registrations are loaded with theirs."""
    if event.type.noun in (Noun.ORDER, Noun.REGISTRATION):
        found: Addressee | None = about.customer
        return found
    return None if event.customer_id is None else get_customer(event.customer_id)


def _order(event: PendingEvent, _order: Any) -> dict[str, Any]:
    return {"order_id": event.object_id}


def _refund(event: PendingEvent, order: Any) -> dict[str, Any]:
    """The event is recorded after the refund was written, in its transaction."""
    return {"order_id": event.object_id, "refund_id": order.refunds[-1].id}


def _registration(event: PendingEvent, registration: Any) -> dict[str, Any]:
    return {"registration_id": event.object_id, "status": registration.status}


SUBSCRIPTIONS: Final[Mapping[EventType, Send]] = {
    EventType.ORDER_PLACED: _to_customer("order_placed", _order),
    EventType.ORDER_PAID: _to_customer("payment_received", _order, "message_payment_received"),
    EventType.ORDER_REFUNDED: _to_customer("order_refunded", _refund, "message_order_refunded"),
    EventType.ORDER_CANCELLED: _to_customer("order_unpaid", _order),
    EventType.POINTS_EARNED: _to_customer(
        "points_earned", lambda _event, entry: {"order_id": entry["order_id"]}, "message_points_earned"
    ),
    EventType.POINTS_ADJUSTED: _to_customer("points_adjusted", lambda event, _entry: {"entry_id": event.object_id}),
    EventType.REGISTRATION_REQUESTED: _to_customer(
        "registration_received", _registration, "message_registration_received"
    ),
    EventType.REGISTRATION_DECIDED: _to_customer("registration_decided", _registration),
    EventType.ENDPOINT_DISABLED: lambda event, _endpoint: notify_owners(
        "staff_webhook_disabled", {"endpoint_id": event.object_id}
    ),
}
