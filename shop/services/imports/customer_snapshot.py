"""The fields of a customer that an import can change, compared before and after, and restored."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import delete, or_, select

from shop.db.session import db
from shop.domain.customers.fields import BY_NAME
from shop.domain.customers.privacy import ConsentKind, ConsentSource
from shop.models import Customer, LoyaltyRegistration, Order
from shop.services.actors import Actor
from shop.services.customers.erasure.deletion import delete_customers
from shop.services.customers.records import get_customer, lock_customer, not_found, update_customer
from shop.services.errors import Conflict
from shop.services.imports.kinds import Cells, RowContext
from shop.services.loyalty.opening_balance import other_entries, take_opening_balance_back
from shop.services.loyalty.registrations import decide_registration
from shop.services.privacy.consents import ConsentStatement, has_consent, record_consent

STATUS, BALANCE, VERIFIED, CONSENT = "loyalty_status", "points_balance", "phone_verified", "consent_"
EVERY: Final = (*BY_NAME, STATUS, BALANCE, VERIFIED)


def customer_snapshot(customer: Customer, names: Iterable[str] = EVERY) -> dict[str, Any]:
    """Return fields of a customer by name: those of the customer, programme, balance and consents.

    Values are JSON; ``restore_customer`` takes them.
    """
    return {name: _value(customer, name) for name in names}


def _value(customer: Customer, name: str) -> Any:
    if name == STATUS:
        return _registration_status(customer.id) or ""
    if name == BALANCE:
        return customer.points_balance
    if name == VERIFIED:
        return customer.phone_verified_at is not None
    if name.startswith(CONSENT):
        return has_consent(customer.id, ConsentKind(name.removeprefix(CONSENT)))
    value = getattr(customer, BY_NAME[name].attribute)
    return dict(value) if isinstance(value, Mapping) else list(value) if isinstance(value, list) else value or ""


def _registration_status(customer_id: int) -> str | None:
    row = LoyaltyRegistration
    return db.session.scalars(select(row.status).where(row.customer_id == customer_id)).first()


def snapshot_by_id(customer_id: int, names: Iterable[str]) -> dict[str, Any]:
    """Return a customer's current fields. Raise NotFound."""
    as_stored = select(Customer).where(Customer.id == customer_id).execution_options(populate_existing=True)
    customer = db.session.scalars(as_stored).first()
    if customer is None:
        raise not_found(customer_id)
    return customer_snapshot(customer, names)


def restore_customer(customer_id: int, fields: Cells, context: RowContext) -> None:
    """Restore fields of a customer, in the caller's transaction. Raise NotFound, Conflict."""
    own: dict[str, Any] = {name: value for name, value in fields.items() if name in BY_NAME}
    for name in ("metadata", "custom_fields"):
        if name in own:  # only the given keys of these change
            there = getattr(get_customer(customer_id), BY_NAME[name].attribute)
            own[name] = dict.fromkeys(there, "") | own[name]
    verified = fields.get(VERIFIED)
    if own:
        update_customer(customer_id, context.actor, verified=bool(verified), **own)
    if verified is not None and not verified:
        lock_customer(customer_id).phone_verified_at = None
    if STATUS in fields:
        _restore_status(customer_id, fields[STATUS], context.actor)
    if BALANCE in fields:
        points = get_customer(customer_id).points_balance - int(fields[BALANCE])
        take_opening_balance_back(customer_id, points, context.actor, key=f"{context.import_id}:customer:{customer_id}")
    for name, value in fields.items():
        if name.startswith(CONSENT):
            kind = ConsentKind(name.removeprefix(CONSENT))
            source, version = ConsentSource.IMPORT, f"import {context.import_id} undone"
            record_consent(customer_id, ConsentStatement(kind, bool(value), source, version), context.actor)


def _restore_status(customer_id: int, status: str, actor: Actor) -> None:
    row = LoyaltyRegistration
    if not status:
        db.session.execute(delete(row).where(row.customer_id == customer_id))
        return
    registration_id = db.session.scalars(select(row.id).where(row.customer_id == customer_id)).one()
    decide_registration(registration_id, status, actor, reason="Import undone")


def remove_customer(customer_id: int, after: Cells, context: RowContext) -> None:
    """Take back the points of a customer added by a row, whom `delete_removed_customers` deletes.

    Raise Conflict if they were changed, have orders, or got or spent points.
    """
    now = snapshot_by_id(customer_id, after)
    changed = [name for name in after if now[name] != after[name]]
    ordered = select(Order.id).where(Order.customer_id == customer_id).exists()
    if db.session.scalars(select(or_(ordered, other_entries(customer_id)))).one():
        raise Conflict("The customer has had orders or points since then, so they are kept.", code="used_since")
    if changed:
        raise Conflict("Changed since, so not restored: %(fields)s.", code="changed_since", fields=", ".join(changed))
    if after.get(BALANCE):
        points = int(after[BALANCE])
        take_opening_balance_back(customer_id, points, context.actor, key=f"{context.import_id}:customer:{customer_id}")


def delete_removed_customers(customer_ids: Sequence[int], context: RowContext) -> None:
    """Delete the customers that the rows of a batch added."""
    delete_customers(customer_ids, context.actor)
