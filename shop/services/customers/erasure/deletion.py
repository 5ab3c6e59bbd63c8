"""Delete a customer permanently: all personal data is deleted; orders and points stay without a name."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import unquote_plus

from sqlalchemy import (
    ColumnElement,
    Delete,
    Select,
    String,
    Update,
    and_,
    cast,
    delete,
    literal,
    not_,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from shop.db.session import db
from shop.db.transaction import transaction
from shop.db.upsert import like_fragment
from shop.domain.customers.privacy import PrivacyRequestState
from shop.domain.events import EventType
from shop.domain.imports.keys import hash_key
from shop.models import (
    AuditEntry,
    Customer,
    IdempotencyRecord,
    ImportKey,
    ImportLine,
    LoyaltyAccount,
    LoyaltyEntry,
    LoyaltyRegistration,
    Order,
    OrderItem,
    OrderRefund,
    OrderTransaction,
    OtpChallenge,
    PrivacyRequest,
    SavedView,
)
from shop.services import clock
from shop.services.actors import Actor
from shop.services.customers.erasure.erasure_list import add_erasures
from shop.services.customers.erasure.personal_data import personal_rows, phone_forms
from shop.services.customers.records import not_found
from shop.services.customers.uploads import drop_picture
from shop.services.events.recording import move_pending, record
from shop.services.idempotency import KEPT

Statement = Delete | Update
FREE_TEXTS = (OrderItem.name, OrderTransaction.reference, OrderRefund.reference, Order.api_label)
AT_ONCE = 50
"""Customers in one statement: each adds half a dozen patterns, and SQLite takes a thousand terms."""
SHORT = 3
"""Letters of a name that is found in many words."""
ERASED_BY = "Erasure"
"""The actor who closes an open request of a person who is erased."""


def delete_customer(customer_id: int, actor: Actor, *, listed: bool = False) -> None:
    """Remove a customer and all personal texts about them. Raise NotFound. ``listed``: as `delete_customers`."""
    if not delete_customers([customer_id], actor, listed=listed):
        raise not_found(customer_id)


def delete_customers(customer_ids: Sequence[int], actor: Actor, *, listed: bool = False) -> int:
    """Remove customers and all personal texts about them; return how many there were.

    Waits for an order that is being placed for them, which then loses its name too. ``listed``: the list of erasures
    has the customers already.
    """
    deleted, pictures = 0, list[str | None]()
    with transaction():
        for start in range(0, len(customer_ids), AT_ONCE):
            ids = customer_ids[start : start + AT_ONCE]
            registered = select(LoyaltyRegistration.id_image).where(LoyaltyRegistration.customer_id.in_(ids))
            pictures += db.session.scalars(registered)
            deleted += _delete(ids, actor, listed=listed)
    for picture in pictures:
        drop_picture(picture)
    return deleted


def _delete(ids: Sequence[int], actor: Actor, *, listed: bool) -> int:
    """Remove the customers of one batch, and return how many there were."""
    with transaction() as session:
        for model in (Order, OtpChallenge):  # the order in which other transactions lock these and then the customer
            rows = select(model.id).where(model.customer_id.in_(ids)).order_by(model.id)
            session.execute(rows.with_for_update()).all()
        found = select(Customer).where(Customer.id.in_(ids)).order_by(Customer.id).with_for_update()
        customers = session.scalars(found).all()
        if not customers:
            return 0
        for part in (_copies, _free_texts, _rows):
            # statements on any table, after which none of these rows is used again
            for statement in part(customers):
                session.execute(statement.execution_options(synchronize_session=False))
        for customer in customers:
            move_pending(customer.id, None)
            record(EventType.CUSTOMER_DELETED, customer.id, lambda: None, actor).audit("customer.deleted")
        if not listed:  # before the commit: an erasure that is not listed would be undone by a restore
            add_erasures(customers)
        return len(customers)


def _copies(customers: Sequence[Customer]) -> Iterator[Statement]:
    """Erase stored responses and saved views that contain personal data without a reference to the customer."""
    body, ids = IdempotencyRecord.body, [customer.id for customer in customers]
    patterns = [pattern for customer in customers for pattern in _in_responses(customer)]
    yield delete(IdempotencyRecord).where(or_(*(body.like(pattern, escape="\\") for pattern in patterns)))
    yield delete(IdempotencyRecord).where(IdempotencyRecord.caller.in_([f"customer:{one}" for one in ids]))
    since = clock.now() - KEPT - timedelta(hours=1)  # older responses are deleted already
    entries = select(LoyaltyEntry.id).join(LoyaltyAccount, LoyaltyAccount.id == LoyaltyEntry.account_id)
    entries = entries.where(LoyaltyAccount.customer_id.in_(ids), LoyaltyEntry.created_at > since)
    yield _responses_with('"ledger_entry":{"id":', entries, LoyaltyEntry.id)
    orders = select(Order.id).where(Order.customer_id.in_(ids), Order.updated_at > since)
    yield _responses_with('"order_id":', orders, Order.id)
    yield from _import_lines(customers)
    yield delete(SavedView).where(SavedView.id.in_(_views_that_name(customers)))


def _views_that_name(customers: Sequence[Customer]) -> list[int]:
    """Return the saved views that name one of the customers; a short name counts only as a word of its own."""
    names = {name.casefold() for customer in customers for name in _names(customer) if name}
    found = []
    for view in db.session.execute(select(SavedView.id, SavedView.name, SavedView.query)):  # a shop has few
        text = f"{view.name} {unquote_plus(view.query)}".casefold()
        words = set(re.split(r"\W+", text))
        if any(name in words or (len(name) > SHORT and name in text) for name in names):
            found.append(view.id)
    return found


def _names(customer: Customer) -> list[str | None]:
    return [customer.last_name, customer.first_name, customer.email, *phone_forms(customer.phone)]


def _import_lines(customers: Sequence[Customer]) -> Iterator[Update]:
    """Erase the cells of import rows of the customers, and of those that name them by a key, accepted or not.

    An index serves each statement, but not both conditions in one.
    """
    names = ("email", "phone", "external_id")
    hashes = [hash_key(name, value) for customer in customers for name in names if (value := getattr(customer, name))]
    line, key = aliased(ImportLine), ImportKey
    named = (
        select(line.id)
        .join(key, and_(key.import_id == line.import_id, key.number == line.number))
        .where(key.key.in_(hashes))
    )
    ids = [customer.id for customer in customers]
    for theirs in (ImportLine.customer_id.in_(ids), ImportLine.id.in_(named)):
        yield update(ImportLine).where(theirs).values(cells=[], message="", before={}, after={})


def _free_texts(customers: Sequence[Customer]) -> Iterator[Statement]:
    """Clear free texts of programs and staff in kept rows if they name the customer."""
    ids = [customer.id for customer in customers]
    ordered = set(db.session.scalars(select(Order.customer_id).where(Order.customer_id.in_(ids))))
    for customer in customers:
        if customer.id in ordered:
            yield from _texts_of_orders(customer)
    subjects = select(literal("order:") + cast(Order.id, String)).where(Order.customer_id.in_(ids))
    about = or_(AuditEntry.subject.in_([f"customer:{one}" for one in ids]), AuditEntry.subject.in_(subjects))
    yield update(AuditEntry).where(about).values(reason=None)
    theirs = or_(*(rows.condition for rows in personal_rows(*customers) if rows.table.model is PrivacyRequest))
    closed = {"state": PrivacyRequestState.DONE, "handled_by": ERASED_BY, "handled_at": clock.now()}
    yield update(PrivacyRequest).where(theirs, PrivacyRequest.state == PrivacyRequestState.OPEN).values(closed)


def _texts_of_orders(customer: Customer) -> Iterator[Update]:
    orders = select(Order.id).where(Order.customer_id == customer.id)
    named = [text for text in (customer.full_name, customer.email, *phone_forms(customer.phone)) if text]
    for column in FREE_TEXTS:
        row = column.class_
        own = row.id.in_(orders) if row is Order else row.order_id.in_(orders)
        yield update(row).where(own, _mentions(column, named)).values({column: ""})


def _mentions(column: InstrumentedAttribute[Any], texts: Iterable[str]) -> ColumnElement[bool]:
    return or_(*(column.ilike(like_fragment(text), escape="\\") for text in texts))


def _responses_with(start: str, rows: Select[int], key: InstrumentedAttribute[int]) -> Delete:
    """Return the stored responses that contain the id of one of the rows."""
    named = literal(f"%{start}") + cast(key, String) + literal(",%")
    return delete(IdempotencyRecord).where(rows.where(IdempotencyRecord.body.like(named)).exists())


def _in_responses(customer: Customer) -> list[str]:
    """Return LIKE patterns of JSON responses about a customer: by id, e-mail or phone."""
    ids = [f'%"customer_id":{space}{customer.id}{end}%' for space in ("", " ") for end in (",", "}")]
    return [*ids, *(like_fragment(text) for text in (customer.email, customer.phone) if text)]


def _rows(customers: Sequence[Customer]) -> Iterator[Statement]:
    """Return the rows about the customers, referring rows first."""
    for rows in reversed(list(personal_rows(*customers))):
        model, kept_if = rows.table.model, rows.table.kept_if
        if kept_if is not None and rows.table.erased:
            yield update(model).where(rows.condition, kept_if).values(rows.table.erased)
        yield delete(model).where(rows.condition, true() if kept_if is None else not_(kept_if))
