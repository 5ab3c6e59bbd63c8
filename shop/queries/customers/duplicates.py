"""Customers who already have the e-mail or phone that someone types."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import or_, select

from shop.db.session import db
from shop.models import Customer
from shop.services.customers.fields import clean_field
from shop.services.errors import InvalidInput

SHOWN: Final = 3


def find_same(*, email: str = "", phone: str = "") -> Sequence[Customer]:
    """Return up to three customers with the e-mail, or with the phone, verified or not; none for incomplete input."""
    given = {name: _readable(name, typed) for name, typed in (("email", email), ("phone", phone)) if typed}
    same = [getattr(Customer, name) == value for name, value in given.items() if value]
    if not same:
        return []
    verified_first = Customer.phone_verified_at.is_(None), Customer.id
    return db.session.scalars(select(Customer).where(or_(*same)).order_by(*verified_first).limit(SHOWN)).all()


def _readable(name: str, typed: str) -> str | None:
    try:
        found: str | None = clean_field(name, typed)
    except InvalidInput:
        return None
    return found
