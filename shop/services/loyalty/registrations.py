"""Registrations for the programme: sent by customers, decided by staff (``docs/contract/api.md``, 2, 4 and 5)."""

from dataclasses import dataclass
from functools import partial

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from shop.db.session import db
from shop.db.transaction import transaction
from shop.db.upsert import insert_or_ignore
from shop.domain.events import EventType
from shop.domain.text.messages import N_
from shop.models import Customer, LoyaltyRegistration
from shop.models.loyalty.account import REGISTRATION_STATUSES
from shop.services import clock
from shop.services.actors import SHOPPER, Actor
from shop.services.customers.picture_metadata import strip_metadata
from shop.services.customers.records import change_fields, clean_phone, hold_customer, lock_customer
from shop.services.customers.uploads import check_picture, drop_picture, keep_picture
from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.events.recording import PendingEvent, record
from shop.services.rate_limits import REGISTRATIONS_PER_CUSTOMER, hit
from shop.services.shops.settings import get_settings
from shop.services.text_lengths import read_line, read_lines

MAX_REASON = 1000


@dataclass(frozen=True, slots=True)
class RegistrationRequest:
    """A customer's registration. ``picture`` has the bytes of a picture of their ID card."""

    full_name: str
    phone: str
    picture: bytes | None = None


def register_customer(customer_id: int, request: RegistrationRequest) -> LoyaltyRegistration:
    """Add a customer's registration, pending a decision; a pending or rejected one is replaced.

    Raises NotFound; InvalidInput for an empty name or phone, for a file that is no picture, or without one if the shop
    requires it; Conflict if it is approved; TooOften past five an hour, which also limits the messages about it.
    """
    name, phone = read_line("full_name", request.full_name, 200), clean_phone(request.phone)
    if not name:
        raise InvalidInput.of("full_name", "must not be empty")
    if request.picture is None and get_settings().rules.optin_id_required:
        raise InvalidInput.of("id_image", "must be a picture of your ID card")
    kept = None
    if request.picture is not None:
        picture = check_picture(request.picture, "id_image")
        kept = keep_picture(strip_metadata(request.picture, picture, "id_image"), picture)
    try:
        registration, before = _write(customer_id, name, phone, kept)
    except BaseException:
        drop_picture(kept)
        raise
    drop_picture(before)
    return registration


def _write(customer_id: int, name: str, phone: str, picture: str | None) -> tuple[LoyaltyRegistration, str | None]:
    """Return the written registration, and the picture that it replaced."""
    with transaction() as session:
        hit(
            f"register:{customer_id}",
            *REGISTRATIONS_PER_CUSTOMER,
            message=N_("Too many attempts. Try again later."),
        )
        registration = _open(hold_customer(customer_id), name, phone)
        if registration.status == "approved":
            raise Conflict("You are already a member.", code="already_registered")
        before = registration.id_image if registration.id_image != picture else None
        registration.full_name, registration.phone, registration.id_image = name, phone, picture
        registration.status, registration.rejection_reason = "pending", None
        registration.updated_at = clock.now()
        requested = _record(EventType.REGISTRATION_REQUESTED, registration, SHOPPER)
        requested.audit("registration.sent")
        requested.notify()
        session.flush()
        return get_registration(registration.id), before


def _open(customer: Customer, name: str, phone: str | None) -> LoyaltyRegistration:
    """Return a customer's registration, created if missing, locked until the transaction ends."""
    now = clock.now()
    insert_or_ignore(
        LoyaltyRegistration,
        [LoyaltyRegistration.customer_id],
        customer_id=customer.id,
        full_name=name,
        phone=phone,
        created_at=now,
        updated_at=now,
    )
    found = select(LoyaltyRegistration).where(LoyaltyRegistration.customer_id == customer.id)
    return db.session.scalars(found.with_for_update()).one()


def get_registration(registration_id: int) -> LoyaltyRegistration:
    """Return a registration with its customer. Raises NotFound."""
    found = db.session.scalars(
        select(LoyaltyRegistration)
        .where(LoyaltyRegistration.id == registration_id)
        .options(joinedload(LoyaltyRegistration.customer))
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound("There is no such registration.", code="registration_not_found")
    return found


def find_registration(customer_id: int) -> LoyaltyRegistration | None:
    """Return a customer's registration; None without one."""
    own = select(LoyaltyRegistration).where(LoyaltyRegistration.customer_id == customer_id)
    return db.session.scalars(own).first()


def list_registrations(*, status: str | None, limit: int, offset: int = 0) -> tuple[list[LoyaltyRegistration], int]:
    """Return registrations with their customers, newest first, and the total."""
    conditions: list[ColumnElement[bool]] = [LoyaltyRegistration.status == status] if status else []
    total = db.session.scalars(select(func.count(LoyaltyRegistration.id)).where(*conditions)).one()
    rows = db.session.scalars(
        select(LoyaltyRegistration)
        .where(*conditions)
        .options(joinedload(LoyaltyRegistration.customer))
        .order_by(LoyaltyRegistration.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return list(rows), total


def count_pending() -> int:
    """Return how many registrations are pending."""
    waiting = select(func.count(LoyaltyRegistration.id)).where(LoyaltyRegistration.status == "pending")
    return db.session.scalars(waiting).one()


def decide_registration(
    registration_id: int, status: str, actor: Actor, *, reason: str | None = None
) -> LoyaltyRegistration:
    """Approve or reject a registration, or make it pending again; no-op if it has that status.

    The customer is notified of an approval or rejection by mail. Raises NotFound, InvalidInput for an unknown status,
    or a rejection without a reason.
    """
    if status not in REGISTRATION_STATUSES:
        raise InvalidInput.of("status", "must be one of %(choices)s", choices=", ".join(REGISTRATION_STATUSES))
    why = read_lines("reason", reason or "", MAX_REASON) if status == "rejected" else None
    if why == "":
        raise InvalidInput.of("reason", "is required")
    with transaction() as session:
        is_it = LoyaltyRegistration.id == registration_id
        customer_id = session.scalars(select(LoyaltyRegistration.customer_id).where(is_it)).first()
        if customer_id is not None:
            lock_customer(customer_id)  # first, as a deletion and a new registration do
        registration = session.scalars(select(LoyaltyRegistration).where(is_it).with_for_update()).first()
        if registration is None:
            raise NotFound("There is no such registration.", code="registration_not_found")
        if (registration.status, registration.rejection_reason) != (status, why):
            _decide(registration, status, why, actor)
        return get_registration(registration_id)


def _decide(registration: LoyaltyRegistration, status: str, why: str | None, actor: Actor) -> None:
    was, registration.status, registration.rejection_reason = registration.status, status, why
    registration.updated_at = clock.now()
    decided = _record(EventType.REGISTRATION_DECIDED, registration, actor, status=was)
    decided.audit(f"registration.{status}", old=was, new=status)
    decided.notify(status != "pending")
    db.session.flush()
    if status == "approved" and registration.phone:
        _fill_phone(registration, actor)


def _fill_phone(registration: LoyaltyRegistration, actor: Actor) -> None:
    """Give the customer the registration's phone, unverified, if they have none."""
    customer = lock_customer(registration.customer_id)
    if customer.phone is None:
        change_fields(customer, {"phone": registration.phone}, actor)


def _record(type: EventType, registration: LoyaltyRegistration, actor: Actor, **previous: str) -> PendingEvent:
    customer_id, registration_id = registration.customer_id, registration.id
    load = partial(get_registration, registration_id)
    return record(type, registration_id, load, actor, customer_id=customer_id, previous=dict(previous))


def approve_for(customer: Customer, actor: Actor) -> bool:
    """Approve an imported member in the caller's transaction, without a mail. Return whether that changed anything."""
    registration = _open(customer, customer.full_name, customer.phone)
    is_new = registration.status != "approved"
    if is_new:
        was, registration.status, registration.rejection_reason = registration.status, "approved", None
        registration.updated_at = clock.now()
        decided = _record(EventType.REGISTRATION_DECIDED, registration, actor, status=was)
        decided.audit("registration.approved", old=was, new="approved")
        db.session.flush()
    return is_new
