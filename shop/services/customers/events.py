"""Domain events about customers."""

from typing import Any

from shop.domain.events import EventType
from shop.services.actors import Actor
from shop.services.customers.listed import find_listed
from shop.services.events.recording import PendingEvent, record


def record_customer(
    type: EventType, customer_id: int, actor: Actor, previous: dict[str, Any] | None = None
) -> PendingEvent:
    """Record that something happened to a customer, in the caller's transaction."""
    return record(
        type, customer_id, lambda: find_listed(customer_id), actor, customer_id=customer_id, previous=previous
    )
