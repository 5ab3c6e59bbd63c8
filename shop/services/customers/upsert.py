"""Add or change a customer whom another system knows by its own id."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import Customer
from shop.services.actors import Actor
from shop.services.customers.fields import clean_field
from shop.services.customers.identity import find_by_external_id
from shop.services.customers.records import Person, create_customer, find_customer, update_customer


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
        return update_customer(customer_id, actor, **fields) if customer_id else create_customer(**fields)


def _without_external_id(person: Person | None) -> int | None:
    """Return the person's id, if no other system has given them one."""
    own = select(Customer.id).where(Customer.id == (person.id if person else None), Customer.external_id.is_(None))
    return db.session.scalars(own).first()
