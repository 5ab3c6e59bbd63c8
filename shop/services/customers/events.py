"""Domain events about customers."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from shop.db.session import db
from shop.domain.events import EventType
from shop.models import Customer
from shop.services.actors import Actor
from shop.services.events.recording import record


def record_customer(type: EventType, customer_id: int, actor: Actor, previous: dict[str, Any] | None = None) -> None:
    """Record that something happened to a customer, in the caller's transaction."""
    record(type, customer_id, lambda: _find(customer_id), actor, customer_id=customer_id, previous=previous)


def _find(customer_id: int) -> Customer | None:
    statement = select(Customer).where(Customer.id == customer_id).options(selectinload(Customer.addresses))
    return db.session.scalars(statement.execution_options(populate_existing=True)).first()
