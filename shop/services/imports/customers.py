"""Customers brought over from elsewhere, one row at a time (``docs/contract/api.md``, section 2, import)."""

from dataclasses import dataclass

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import Customer
from shop.services.actors import Actor
from shop.services.customers.records import clean_email, clean_phone, create_customer, update_customer
from shop.services.errors import Conflict, InvalidInput
from shop.services.loyalty.adjustments import adjust_points
from shop.services.loyalty.ledger import find_account
from shop.services.loyalty.registrations import approve_for

NOTE = "Balance brought over"


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A customer as another system knows her; what is empty is not known."""

    email: str | None = None
    phone: str | None = None
    first_name: str = ""
    last_name: str = ""
    loyalty_status: str = ""
    points_balance: int | None = None


def import_customer(row: ImportRow, actor: Actor) -> Customer:
    """Bring one customer over, in a transaction of her own: found by phone, else by e-mail, else made.

    One who is found gets the names that the row has, and its phone; never another e-mail. ``loyalty_status`` of
    ``active`` lets her take part. ``points_balance`` becomes her first entry, once ever: an account that has entries
    is left alone, so that bringing the same row over again does nothing. Raises InvalidInput for a row that cannot
    be, Conflict for points on a phone that is somebody else's by e-mail.
    """
    email = clean_email(row.email) if row.email and row.email.strip() else None
    phone = clean_phone(row.phone) if row.phone and row.phone.strip() else None
    with transaction():
        customer = _find(email, phone)
        customer = _update(customer, email, phone, row, actor) if customer else _make(email, phone, row)
        if row.loyalty_status.strip().lower() == "active":
            approve_for(customer, actor)
        if row.points_balance:
            _bring_points(customer, row.points_balance, actor)
        return customer


def _find(email: str | None, phone: str | None) -> Customer | None:
    """Whose phone it is, the first if several share it; else whose e-mail."""
    if email is None and phone is None:
        raise InvalidInput.of("email", "or phone is required")
    for column, value in ((Customer.phone, phone), (Customer.email, email)):
        statement = select(Customer).where(column == value).order_by(Customer.id).limit(1).with_for_update()
        found = db.session.scalars(statement).first() if value is not None else None
        if found is not None:
            return found
    return None


def _make(email: str | None, phone: str | None, row: ImportRow) -> Customer:
    if email is None:
        raise InvalidInput.of("email", "is required for a new customer")
    return create_customer(email, first_name=row.first_name, last_name=row.last_name, phone=phone)


def _update(customer: Customer, email: str | None, phone: str | None, row: ImportRow, actor: Actor) -> Customer:
    if email is not None and email != customer.email and row.points_balance:
        raise Conflict(
            "The phone belongs to a customer with another e-mail, so the points were not given. Settle that first.",
            code="phone_of_another_customer",
        )
    return update_customer(
        customer.id,
        actor,
        email=customer.email,
        first_name=row.first_name.strip() or customer.first_name,
        last_name=row.last_name.strip() or customer.last_name,
        phone=phone or customer.phone,
    )


def _bring_points(customer: Customer, points: int, actor: Actor) -> None:
    account = find_account(customer.id)
    if account is None or account.entries_count == 0:
        adjust_points(customer.id, points, NOTE, actor, request_key=f"import:customer:{customer.id}")
