"""Import customers, one row at a time (``docs/contract/api.md``, section 2, import)."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Self

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.customers.privacy import ConsentKind, ConsentSource
from shop.domain.statuses import ImportVerdict
from shop.domain.text.spreadsheets import without_formula_guard
from shop.models import Customer
from shop.services.actors import Actor
from shop.services.customers.fields import clean_field
from shop.services.customers.identity import claim_phone, find_by_external_id
from shop.services.customers.records import create_customer, find_customer, update_customer
from shop.services.errors import Conflict, InvalidInput
from shop.services.imports.customer_snapshot import customer_snapshot
from shop.services.imports.kinds import RowContext, RowOutcome
from shop.services.loyalty.opening_balance import PointsLot, give_opening_balance
from shop.services.loyalty.registrations import approve_for
from shop.services.privacy.consents import ConsentStatement, has_consent, record_consent


class _DryRun(Exception):
    """Raised to roll back a row of a dry run."""


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A customer from another system or our own export; empty fields are unknown."""

    fields: Mapping[str, Any]
    """Fields of the customer by name (``domain/customer_fields.py``)."""
    phone_verified: bool = False
    loyalty_status: str = ""
    points_balance: int | None = None
    lots: tuple[PointsLot, ...] = ()
    """The lots of the balance, if known."""
    consents: Mapping[ConsentKind, bool] = field(default_factory=dict)

    @property
    def email(self) -> str | None:
        """The e-mail, if there is one."""
        return self.fields.get("email")

    @property
    def phone(self) -> str | None:
        """The phone, if there is one."""
        return self.fields.get("phone")

    @property
    def known(self) -> tuple[str, ...]:
        """The names of the row's non-empty fields, as in a snapshot."""
        more = {"phone_verified": self.phone_verified, "loyalty_status": self.loyalty_status == "active"}
        more["points_balance"] = bool(self.points_balance)
        return (*self.fields, *(name for name, given in more.items() if given), *map(consent_name, self.consents))

    def cleaned(self) -> Self:
        """Return the row with its non-empty fields in stored form. Raise InvalidInput."""
        known = {name: clean_field(name, cell) for name, cell in self.fields.items() if cell}
        known = {name: value for name, value in known.items() if value}
        return replace(self, fields=known, loyalty_status=self.loyalty_status.strip().lower())

    def without_guards(self) -> Self:
        """Return the row without the apostrophes that our export puts before formulas."""
        cells = {name: _plain(cell) if isinstance(cell, str) else cell for name, cell in self.fields.items()}
        return replace(self, fields=cells, loyalty_status=_plain(self.loyalty_status))


def consent_name(kind: ConsentKind) -> str:
    """Return the name of a consent's column, also used in snapshots."""
    return f"consent_{kind}"


def _plain(cell: str) -> str:
    return without_formula_guard(cell.strip())


def import_customer(given: ImportRow, actor: Actor, *, dry_run: bool = False) -> ImportVerdict:
    """Import one customer in its own transaction: found by external id, verified phone or e-mail, else added.

    A customer who is found gets the row's fields, and keeps their e-mail. A phone is verified only if the row says so.
    ``loyalty_status`` of ``active`` approves a registration. ``points_balance`` becomes the first entry of an account
    without entries. With ``dry_run`` nothing is changed. Raise InvalidInput for an invalid row, Conflict for a phone or
    a balance that cannot be set.
    """
    outcome = RowOutcome(ImportVerdict.SKIPPED)
    with suppress(_DryRun), transaction():
        outcome = apply_customer(given.without_guards().cleaned(), RowContext(actor, 0))
        if dry_run:
            raise _DryRun
    return outcome.verdict


def apply_customer(row: ImportRow, context: RowContext) -> RowOutcome:
    """Add or change the customer of a cleaned row, in the caller's transaction. Raise as :func:`import_customer`."""
    found = _find(row)
    before = customer_snapshot(found, row.known) if found else {}
    customer = _update(found, row, context.actor) if found else _create(row, context.actor)
    if row.loyalty_status == "active":
        approve_for(customer, context.actor)
    _give_points(customer, row, context)
    _record_consents(customer, row, context)
    if found:
        return RowOutcome.of_change(customer.id, before, customer_snapshot(customer, row.known))
    return RowOutcome(ImportVerdict.NEW, customer.id, {}, customer_snapshot(customer))


def _find(row: ImportRow) -> Customer | None:
    if row.email is None and row.phone is None and "external_id" not in row.fields:
        raise InvalidInput.of("email", "is missing, and so is a phone number")
    external_id = row.fields.get("external_id")
    customer_id = find_by_external_id(external_id) if external_id else None
    for found_by in ("phone", "email"):
        if customer_id is None and row.fields.get(found_by):
            person = find_customer(**{found_by: row.fields[found_by]})
            customer_id = person.id if person else None
    if customer_id is None:
        return None
    return db.session.scalars(select(Customer).where(Customer.id == customer_id).with_for_update()).first()


def _create(row: ImportRow, actor: Actor) -> Customer:
    if row.email is None and not row.phone_verified:
        raise InvalidInput.of("email", "or a verified phone (phone_verified) is required for a new customer")
    return create_customer(verified=row.phone_verified, actor=actor, **row.fields)


def _update(customer: Customer, row: ImportRow, actor: Actor) -> Customer:
    if row.email is not None and row.email != (customer.email or row.email) and row.points_balance:
        raise Conflict(
            "The phone belongs to a customer with another e-mail, so the points were not added. Resolve that first.",
            code="phone_of_another_customer",
        )
    rest: dict[str, Any] = {name: value for name, value in row.fields.items() if name != "email"}
    updated = update_customer(customer.id, actor, verified=row.phone_verified, **rest)
    if row.phone_verified and updated.phone_verified_at is None:
        claim_phone(updated)
    return updated


def _give_points(customer: Customer, row: ImportRow, context: RowContext) -> None:
    """Set the opening balance. Raise Conflict if the account has other points already."""
    if not row.points_balance:
        return
    lots = row.lots or (PointsLot(row.points_balance),)
    prefix = f"{context.import_id}:" if context.import_id else ""
    key = f"{prefix}customer:{customer.id}"
    if give_opening_balance(customer.id, lots, context.actor, key=key, approved=context.approved):
        db.session.refresh(customer, ["points_balance"])


def _record_consents(customer: Customer, row: ImportRow, context: RowContext) -> None:
    """Record consents that differ from the customer's last statements."""
    for kind, given in row.consents.items():
        if given != has_consent(customer.id, kind):
            statement = ConsentStatement(kind, given, ConsentSource.IMPORT, f"import {context.import_id}")
            record_consent(customer.id, statement, context.actor)
