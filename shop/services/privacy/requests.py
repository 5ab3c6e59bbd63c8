"""Requests about personal data: received, listed by due date, answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.customers.privacy import DUE_SOON_DAYS, PrivacyRequestKind, PrivacyRequestState
from shop.domain.text.cleaning import clean_text
from shop.domain.text.messages import N_
from shop.models import PrivacyRequest
from shop.services import audit_log, clock
from shop.services.actors import SHOPPER, Actor
from shop.services.customers.records import clean_email, clean_phone, find_customer, get_customer, hold_customer
from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.rate_limits import PRIVACY_REQUESTS_PER_CUSTOMER, hit
from shop.services.shops.settings import get_settings

MAX_TEXT = 5000


@dataclass(frozen=True, slots=True)
class PrivacyRequestDetails:
    """The kind of a request and its sender: a customer, or a typed e-mail or phone."""

    kind: str
    customer_id: int | None = None
    contact: str = ""
    note: str = ""
    received_at: datetime | None = None


def add_request(details: PrivacyRequestDetails, actor: Actor) -> PrivacyRequest:
    """Record a request received by the shop. Raise InvalidInput, or NotFound for an unknown customer.

    A contact that belongs to a customer is replaced by the customer.
    """
    kind = _clean_kind(details.kind)
    customer_id, email, phone = details.customer_id, None, None
    if customer_id is None:
        customer_id, email, phone = _read_contact(details.contact)
    received_at = details.received_at or clock.now()
    if received_at > clock.now():
        raise InvalidInput.of("received_at", "must not be in the future")
    with transaction() as session:
        if customer_id is not None:
            hold_customer(customer_id)
        request = PrivacyRequest(
            kind=kind,
            customer_id=customer_id,
            email=email,
            phone=phone,
            note=_clean(details.note, "note"),
            by_customer=actor == SHOPPER,
            received_at=received_at,
            due_at=received_at + timedelta(days=int(get_settings().values[kind.setting])),
            state=PrivacyRequestState.OPEN,
        )
        session.add(request)
        session.flush()
        audit_log.record(actor, "privacy.received", f"privacy:{request.id}", new=kind)
        return get_request(request.id)


def add_own_request(customer_id: int, kind: str, note: str) -> PrivacyRequest:
    """Record a request that a customer sent from their account.

    Raise Conflict while a request of the same kind is open, TooOften past the limit, and as `add_request`.
    """
    with transaction():
        get_customer(customer_id)
        hit(
            f"privacy:{customer_id}",
            PRIVACY_REQUESTS_PER_CUSTOMER,
            message=N_("Too many attempts. Try again tomorrow."),
        )
        same = (PrivacyRequest.kind == kind, PrivacyRequest.state == PrivacyRequestState.OPEN)
        mine = select(PrivacyRequest.id).where(PrivacyRequest.customer_id == customer_id, *same)
        if db.session.scalars(mine).first() is not None:
            raise Conflict("A request of this kind is open already. The shop will answer it.", code="already_requested")
        return add_request(PrivacyRequestDetails(kind, customer_id, note=note), SHOPPER)


def list_own_requests(customer_id: int) -> Sequence[PrivacyRequest]:
    """Return a customer's requests, newest first."""
    mine = select(PrivacyRequest).where(PrivacyRequest.customer_id == customer_id)
    return db.session.scalars(mine.order_by(PrivacyRequest.id.desc())).all()


def get_request(request_id: int) -> PrivacyRequest:
    """Return a request with its customer. Raise NotFound."""
    found = select(PrivacyRequest).where(PrivacyRequest.id == request_id).options(joinedload(PrivacyRequest.customer))
    request = db.session.scalars(found.execution_options(populate_existing=True)).first()
    if request is None:
        raise NotFound("There is no such request.", code="privacy_request_not_found")
    return request


def list_requests(*, is_open: bool | None, limit: int = 50, offset: int = 0) -> Sequence[PrivacyRequest]:
    """Return requests with their customers: the open ones by due date, others newest first."""
    row = PrivacyRequest
    statement = select(row).options(joinedload(row.customer)).limit(limit).offset(offset)
    if is_open is not None:
        statement = statement.where((row.state == PrivacyRequestState.OPEN) == is_open)
    order = (row.due_at, row.id) if is_open else (row.id.desc(),)
    return db.session.scalars(statement.order_by(*order)).all()


def count_open() -> int:
    """Return how many requests are open."""
    return db.session.scalars(select(func.count(PrivacyRequest.id)).where(_IS_OPEN)).one()


def list_due(limit: int) -> Sequence[PrivacyRequest]:
    """Return open requests that are overdue or due soon, the most urgent first."""
    row = PrivacyRequest
    urgent = row.due_at < clock.now() + timedelta(days=DUE_SOON_DAYS)
    found = select(row).where(_IS_OPEN, urgent).options(joinedload(row.customer)).order_by(row.due_at, row.id)
    return db.session.scalars(found.limit(limit)).all()


def close_request(request_id: int, state: str, outcome: str, actor: Actor) -> PrivacyRequest:
    """Close an open request as done or refused.

    Raise NotFound, Conflict if it is closed, InvalidInput for another state, or a refusal without its reason.
    """
    if state not in {PrivacyRequestState.DONE, PrivacyRequestState.REFUSED}:
        raise InvalidInput.of("state", "must be one of %(choices)s", choices="done, refused")
    outcome = _clean(outcome, "outcome")
    if state == PrivacyRequestState.REFUSED and not outcome:
        raise InvalidInput.of("outcome", "must give the reason for the refusal")
    with transaction() as session:
        found = select(PrivacyRequest).where(PrivacyRequest.id == request_id).with_for_update()
        request = session.scalars(found).first()
        if request is None:
            raise NotFound("There is no such request.", code="privacy_request_not_found")
        if request.state != PrivacyRequestState.OPEN:
            raise Conflict("This request is closed already.", code="privacy_request_closed")
        request.state, request.outcome = state, outcome
        request.handled_by, request.handled_at = actor.label, clock.now()
        audit_log.record(actor, f"privacy.{state}", f"privacy:{request.id}", new=request.kind)
        session.flush()
        return get_request(request_id)


_IS_OPEN: ColumnElement[bool] = PrivacyRequest.state == PrivacyRequestState.OPEN


def _clean_kind(raw: str) -> PrivacyRequestKind:
    try:
        return PrivacyRequestKind(raw)
    except ValueError:
        raise InvalidInput.of("kind", "must be one of %(choices)s", choices=", ".join(PrivacyRequestKind)) from None


def _read_contact(raw: str) -> tuple[int | None, str | None, str | None]:
    """Return the id of the customer with a contact, or else the contact's e-mail or phone. Raise InvalidInput."""
    email = clean_email(raw, "contact") if "@" in raw else None
    phone = None if email else clean_phone(raw, "contact")
    known = find_customer(email=email, phone=phone)
    return (known.id, None, None) if known is not None else (None, email, phone)


def _clean(raw: str, field: str) -> str:
    try:
        text = clean_text(raw)
    except ValueError as wrong:
        raise InvalidInput.of(field, str(wrong)) from None
    if len(text) > MAX_TEXT:
        raise InvalidInput.of(field, "must have at most %(high)s characters", high=MAX_TEXT)
    return text
