"""Domain events about customers."""

from typing import Any

from shop.domain.events import EventType, Noun
from shop.services.actors import Actor
from shop.services.customers.listed import find_listed
from shop.services.events.recording import PendingEvent, record, show


def record_customer(
    type: EventType,
    customer_id: int,
    actor: Actor,
    previous: dict[str, Any] | None = None,
    before: dict[str, Any] | None = None,
) -> PendingEvent:
    """Record that something happened to a customer, in the caller's transaction."""

    def load() -> Any:
        return find_listed(customer_id)

    return record(type, customer_id, load, actor, customer_id=customer_id, previous=previous, before=before)


def show_customer(customer_id: int) -> dict[str, Any]:
    """Return a customer as the API's lists show them, before they are changed."""
    return show(Noun.CUSTOMER, find_listed(customer_id))
