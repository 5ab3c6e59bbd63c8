"""Import customers from other systems, one row at a time (``docs/contract/api.md``, section 2, import)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.customers.fields import BY_NAME
from shop.domain.text.cleaning import without_formula_guard
from shop.models import Customer
from shop.services.actors import Actor
from shop.services.customers.fields import clean_field
from shop.services.customers.identity import claim_phone, find_by_external_id
from shop.services.customers.records import create_customer, find_customer, update_customer
from shop.services.errors import Conflict, InvalidInput
from shop.services.loyalty.adjustments import adjust_points
from shop.services.loyalty.ledger import find_account
from shop.services.loyalty.registrations import approve_for

NOTE = "Balance brought over"
COMPARED = (*(field.attribute for field in BY_NAME.values() if field.name != "email"), "phone_verified_at")


class RowVerdict(StrEnum):
    """What a row did; a refused row is an error instead."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A customer as another system, or our own export, has them; empty fields are not known."""

    fields: Mapping[str, Any]
    """Fields of the customer by name (``domain/customer_fields.py``)."""
    phone_verified: bool = False
    loyalty_status: str = ""
    points_balance: int | None = None

    @property
    def email(self) -> str | None:
        """The e-mail, if there is one."""
        return self.fields.get("email")

    @property
    def phone(self) -> str | None:
        """The phone, if there is one."""
        return self.fields.get("phone")

    def cleaned(self) -> Self:
        """Return the row with its fields as they are stored, those that are not empty. Raise InvalidInput."""
        cells = {name: _plain(cell) if isinstance(cell, str) else cell for name, cell in self.fields.items()}
        known = {name: clean_field(name, cell) for name, cell in cells.items() if cell}
        known = {name: value for name, value in known.items() if value}
        return replace(self, fields=known, loyalty_status=_plain(self.loyalty_status).lower())


def _plain(cell: str) -> str:
    return without_formula_guard(cell.strip())


def import_customer(given: ImportRow, actor: Actor) -> RowVerdict:
    """Import one customer in a transaction of its own: found by external id, verified phone or e-mail, else added.

    A customer who is found gets the row's fields, and keeps their e-mail. A phone is verified only if the row says so.
    ``loyalty_status`` of ``active`` approves a registration. ``points_balance`` becomes the first entry of an account
    without entries. Raise InvalidInput for a row that cannot be read, Conflict for a phone or a balance that cannot be
    given.
    """
    row = given.cleaned()
    with transaction():
        found = _find(row)
        before = [getattr(found, name) for name in COMPARED] if found else None
        customer = _update(found, row, actor) if found else _create(row)
        moved = [_approve(customer, row, actor), _give_points(customer, row, actor)]
        if before is None:
            return RowVerdict.NEW
        same = before == [getattr(customer, name) for name in COMPARED] and not any(moved)
        return RowVerdict.UNCHANGED if same else RowVerdict.CHANGED


def _find(row: ImportRow) -> Customer | None:
    if row.email is None and row.phone is None and "external_id" not in row.fields:
        raise InvalidInput.of("email", "or phone is required")
    external_id = row.fields.get("external_id")
    customer_id = find_by_external_id(external_id) if external_id else None
    for found_by in ("phone", "email"):
        if customer_id is None and row.fields.get(found_by):
            person = find_customer(**{found_by: row.fields[found_by]})
            customer_id = person.id if person else None
    if customer_id is None:
        return None
    return db.session.scalars(select(Customer).where(Customer.id == customer_id).with_for_update()).first()


def _create(row: ImportRow) -> Customer:
    if row.email is None and not row.phone_verified:
        raise InvalidInput.of("email", "or a verified phone (phone_verified) is required for a new customer")
    return create_customer(verified=row.phone_verified, **row.fields)


def _update(customer: Customer, row: ImportRow, actor: Actor) -> Customer:
    if row.email is not None and row.email != (customer.email or row.email) and row.points_balance:
        raise Conflict(
            "The phone belongs to a customer with another e-mail, so the points were not given. Settle that first.",
            code="phone_of_another_customer",
        )
    rest: dict[str, Any] = {name: value for name, value in row.fields.items() if name != "email"}
    updated = update_customer(customer.id, actor, verified=row.phone_verified, **rest)
    if row.phone_verified and updated.phone_verified_at is None:
        claim_phone(updated)
    return updated


def _approve(customer: Customer, row: ImportRow, actor: Actor) -> bool:
    """Whether the row made the customer a member."""
    if row.loyalty_status != "active":
        return False
    return approve_for(customer, actor)


def _give_points(customer: Customer, row: ImportRow, actor: Actor) -> bool:
    """Whether the balance was given. Raise Conflict if the account has other points already."""
    if not row.points_balance:
        return False
    account = find_account(customer.id)
    if account is not None and account.entries_count:
        if account.points_balance == row.points_balance:
            return False
        raise Conflict(
            "The balance was not given: the customer has %(points)s points already.",
            code="balance_not_given",
            points=account.points_balance,
        )
    adjust_points(customer.id, row.points_balance, NOTE, actor, request_key=f"import:customer:{customer.id}")
    return True
