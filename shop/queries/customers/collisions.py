"""Customers with one e-mail or phone between them, once it is written as the shop stores it today: staff decide."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import phonenumbers
from sqlalchemy import ColumnElement, Select, func, or_, select

from shop.db.session import db
from shop.models import Customer
from shop.queries.customers.shared_phones import list_shared_phones
from shop.services.customers.fields import clean_field
from shop.services.errors import InvalidInput
from shop.services.shops.settings import get_settings

SHOWN: Final = 100
SHOWN_CUSTOMERS: Final = 10
MOST_READ: Final = 5_000
MOST_IRREGULAR: Final = 500
"""Customers whose e-mail or phone is written again for one page."""
EMAIL_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789.!#$%&'*+/=?^_`{|}~-@"
PHONE_LETTERS: Final = "+0123456789"


@dataclass(frozen=True, slots=True)
class Collision:
    """An e-mail or phone (``field``) as it is stored today, with how many customers have it and the first of them.

    The first is the one to keep: with a verified phone, else the oldest.
    """

    field: str
    value: str
    count: int
    customers: list[Customer]


def list_collisions() -> list[Collision]:
    """Return up to ``SHOWN`` e-mails and phones that more than one customer of the shop has."""
    shared = {phone.phone for phone in list_shared_phones(SHOWN)}
    return [*_collisions("email", set()), *_collisions("phone", shared)][:SHOWN]


def _collisions(field: str, shared: set[str]) -> Iterator[Collision]:
    """Yield the shared values, and those that customers share with or by a value not written as it is today."""
    column = getattr(Customer, field)
    holders: dict[str, dict[int, Customer]] = {}
    for customer in db.session.scalars(_irregular(field)):
        value = _written_today(field, getattr(customer, field))
        if value is not None:
            holders.setdefault(value, {})[customer.id] = customer
    same = select(Customer).where(column.in_(shared | holders.keys())).order_by(Customer.id).limit(MOST_READ)
    for customer in db.session.scalars(same):
        holders.setdefault(getattr(customer, field), {})[customer.id] = customer
    for value, customers in sorted(holders.items()):
        if len(customers) > 1:
            ordered = sorted(customers.values(), key=lambda one: (one.phone_verified_at is None, one.id))
            yield Collision(field, value, len(ordered), ordered[:SHOWN_CUSTOMERS])


def _irregular(field: str) -> Select[Customer]:
    """Select customers whose e-mail or phone may not be written as it is today: a scan of the field's index."""
    odd = _odd_email() if field == "email" else _odd_phone()
    return select(Customer).where(odd).order_by(Customer.id).limit(MOST_IRREGULAR)


def _odd_email() -> ColumnElement[bool]:
    return func.ltrim(Customer.email, EMAIL_LETTERS) != ""


def _odd_phone() -> ColumnElement[bool]:
    code = phonenumbers.country_code_for_region(get_settings().country)
    odd = func.ltrim(Customer.phone, PHONE_LETTERS) != ""
    return or_(odd, Customer.phone.not_like("+%"), Customer.phone.like(f"+{code}0%"))


def _written_today(field: str, value: str) -> str | None:
    try:
        found: str | None = clean_field(field, value)
    except InvalidInput:
        return None
    return found
