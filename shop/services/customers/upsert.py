"""Change customers identified by another system's id, a sign-up, or a confirmed phone."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.events import EventType
from shop.domain.text.search import search_text
from shop.models import Customer
from shop.services.actors import SHOPPER, Actor
from shop.services.customers.events import record_customer, show_customer
from shop.services.customers.fields import clean_field
from shop.services.customers.identity import find_by_external_id, verify_phone
from shop.services.customers.records import Person, create_customer, find_customer, lock_customer, update_customer


def save_by_external_id(external_id: str, given: Mapping[str, Any], actor: Actor) -> Customer:
    """Change the customer with an id of another system, else the one with the e-mail or the phone, else add one.

    Raise InvalidInput and Conflict as `create_customer` and `update_customer`.
    """
    fields = {**given, "external_id": external_id}
    with transaction():
        customer_id = find_by_external_id(clean_field("external_id", external_id))
        for name in ("email", "phone"):
            if customer_id is None and given.get(name):
                person = find_customer(**{name: given[name]})
                customer_id = _without_external_id(person)
        return update_customer(customer_id, actor, **fields) if customer_id else create_customer(actor=actor, **fields)


def _without_external_id(person: Person | None) -> int | None:
    """Return the person's id if they have no external id."""
    own = select(Customer.id).where(Customer.id == (person.id if person else None), Customer.external_id.is_(None))
    return db.session.scalars(own).first()


def fill_in_blanks(customer: Customer, first_name: str, last_name: str, phone: str | None) -> None:
    """Set a customer's name and phone if they are empty, in the caller's transaction."""
    before = show_customer(customer.id)
    customer.first_name = customer.first_name or clean_field("first_name", first_name) or ""
    customer.last_name = customer.last_name or clean_field("last_name", last_name) or ""
    customer.phone = customer.phone or phone
    customer.search_text = search_text(customer.first_name, customer.last_name, customer.email, customer.phone)
    record_customer(EventType.CUSTOMER_UPDATED, customer.id, SHOPPER, before=before)


def confirm_phone(customer_id: int, actor: Actor) -> None:
    """Record that staff have confirmed a customer's phone. Raise as ``verify_phone``, and NotFound."""
    with transaction():
        verify_phone(lock_customer(customer_id), actor, how="seen")
