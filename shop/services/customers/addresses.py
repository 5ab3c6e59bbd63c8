"""Addresses of customers."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.events import EventType
from shop.domain.text.cleaning import clean_line
from shop.models import Address
from shop.models.customers.customer import ADDRESS_TYPES
from shop.services import clock
from shop.services.actors import Actor
from shop.services.customers.events import record_customer, show_customer
from shop.services.customers.records import get_customer
from shop.services.errors import InvalidInput, NotFound


@dataclass(frozen=True, slots=True)
class AddressAsGiven:
    """An address as it was typed. ``type`` is ``shipping`` or ``billing``; street and city are required."""

    type: str
    address1: str
    city: str
    address2: str = ""
    state: str = ""
    zip: str = ""
    country: str = ""


def save_address(customer_id: int, given: AddressAsGiven, actor: Actor, *, address_id: int | None = None) -> Address:
    """Add an address to a customer, or replace their address ``address_id``.

    Raises NotFound, and InvalidInput for an unknown type or a missing street or city.
    """
    if given.type not in ADDRESS_TYPES:
        raise InvalidInput.of("type", "must be one of %(choices)s", choices=", ".join(ADDRESS_TYPES))
    fields = {
        name: clean_line(getattr(given, name)) for name in ("address1", "address2", "city", "state", "zip", "country")
    }
    for name in ("address1", "city"):
        if not fields[name]:
            raise InvalidInput.of(name, "must not be empty")
    with transaction() as session:
        if address_id is None:
            address = Address(customer_id=get_customer(customer_id).id, created_at=clock.now())
        else:
            address = get_address(customer_id, address_id)
        before = show_customer(customer_id)
        for name, value in {"type": given.type, **fields}.items():
            setattr(address, name, value)
        session.add(address)
        session.flush()
        _record(customer_id, actor, before)
    return address


def remove_address(customer_id: int, address_id: int, actor: Actor) -> None:
    """Delete an address of a customer. Raises NotFound. Orders keep their copy."""
    with transaction() as session:
        address, before = get_address(customer_id, address_id), show_customer(customer_id)
        session.delete(address)
        session.flush()
        _record(customer_id, actor, before)


def _record(customer_id: int, actor: Actor, before: dict[str, Any]) -> None:
    updated = record_customer(EventType.CUSTOMER_UPDATED, customer_id, actor, before=before)
    updated.audit("customer.changed", new="address")


def get_address(customer_id: int, address_id: int) -> Address:
    """Return an address of a customer, locked if a transaction is open. Raises NotFound."""
    statement = select(Address).where(Address.id == address_id, Address.customer_id == customer_id)
    address = db.session.scalars(statement.with_for_update()).first()
    if address is None:
        raise NotFound("There is no such address.", code="address_not_found")
    return address


def add_address(customer_id: int, *, type: str, address1: str, city: str, **rest: str) -> Address:
    """Add an address (``shipping`` or ``billing``) to a customer."""
    with transaction() as session:
        address = Address(
            customer_id=get_customer(customer_id).id,
            type=type,
            address1=address1,
            city=city,
            created_at=clock.now(),
            **rest,
        )
        session.add(address)
        session.flush()
    return address
