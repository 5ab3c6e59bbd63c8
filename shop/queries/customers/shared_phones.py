"""Phones that several customers have."""

from dataclasses import dataclass

from sqlalchemy import func, select

from shop.db.session import db
from shop.models import Customer


@dataclass(frozen=True, slots=True)
class SharedPhone:
    """A phone in E.164 and the ids of the customers who have it, oldest first."""

    phone: str
    customer_ids: tuple[int, ...]


def list_shared_phones(limit: int = 100) -> list[SharedPhone]:
    """Return the shop's phones that more than one customer has, up to ``limit``, by the index of phones."""
    phone = Customer.phone
    shared = (
        select(phone)
        .where(phone.is_not(None))
        .group_by(phone)
        .having(func.count(Customer.id) > 1)
        .order_by(phone)
        .limit(limit)
    )
    phones = [number for number in db.session.scalars(shared) if number is not None]
    rows = db.session.execute(select(phone, Customer.id).where(phone.in_(phones)).order_by(Customer.id)).all()
    return [SharedPhone(number, tuple(row.id for row in rows if row.phone == number)) for number in phones]
