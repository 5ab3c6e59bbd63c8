"""Customers: found, made, described, and deleted for good (``docs/contract/api.md``, section 2)."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import bindparam, select

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.db.session import db
from shop.db.transaction import transaction
from shop.db.upsert import insert_or_ignore
from shop.domain.contact import full_name, normalize_email, normalize_phone
from shop.domain.passwords import check_password
from shop.domain.search_text import search_text
from shop.domain.text import clean_line
from shop.models import Customer
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.customers.identity import claim_phone, email_changed, void_codes
from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.passwords import hash_password
from shop.services.shops.settings import get_settings


class Person(NamedTuple):
    """A customer in short."""

    id: int
    email: str
    first_name: str
    last_name: str
    phone: str | None

    @property
    def full_name(self) -> str:
        """First and last name, else e-mail, else phone."""
        return full_name(self.first_name, self.last_name, self.email, self.phone)


class Contact(NamedTuple):
    """What a request says of its customer, cleaned."""

    email: str
    first_name: str
    last_name: str
    phone: str | None


_C = table(Customer).c
_PERSON = select(*(_C[name] for name in Person._fields)).where(_C.shop_id == SHOP)
_WITH_EMAIL = _PERSON.where(_C.email == bindparam("address"))
_BY_EMAIL = PreparedQuery(_WITH_EMAIL)
_BY_PHONE = PreparedQuery(_PERSON.where(_C.phone == bindparam("number"), _C.phone_verified_at.is_not(None)))
_LOCK_BY_EMAIL = PreparedQuery(_WITH_EMAIL.with_for_update(read=True, key_share=True))


def get_customer(customer_id: int) -> Customer:
    """A customer of the session's shop. Raises NotFound."""
    customer = db.session.scalars(select(Customer).where(Customer.id == customer_id)).first()
    if customer is None:
        raise NotFound("There is no such customer.", code="customer_not_found")
    return customer


def hold_customer(customer_id: int) -> Customer:
    """A customer whom nobody can delete until the caller's transaction ends. Raises NotFound.

    Asked for before her account is locked: a change of points writes her row too, and a deletion locks that first.
    """
    statement = select(Customer).where(Customer.id == customer_id).with_for_update(read=True, key_share=True)
    customer = db.session.scalars(statement).first()
    if customer is None:
        raise NotFound("There is no such customer.", code="customer_not_found")
    return customer


def find_customer(*, email: str | None = None, phone: str | None = None) -> Person | None:
    """Return the customer with an e-mail, or else with a verified phone; None if nobody has it.

    Raise InvalidInput if neither is given, or it is not an e-mail or a phone number.
    """
    if email is not None:
        row = _BY_EMAIL(address=clean_email(email)).first()
    elif phone is not None:
        row = _BY_PHONE(number=clean_phone(phone)).first()
    else:
        raise InvalidInput.of("email", "or phone is required")
    return None if row is None else Person._make(row)


def clean_email(raw: str, field: str = "email") -> str:
    """A normalised e-mail; InvalidInput naming ``field`` otherwise."""
    try:
        return normalize_email(raw)
    except ValueError as wrong:
        raise InvalidInput.of(field, str(wrong)) from None


def clean_phone(raw: str, field: str = "phone") -> str:
    """A phone number in E.164, read by the habits of the shop's country; InvalidInput naming ``field`` otherwise."""
    try:
        return normalize_phone(raw, get_settings().country)
    except ValueError as wrong:
        raise InvalidInput.of(field, str(wrong)) from None


def create_customer(
    email: str,
    *,
    first_name: str = "",
    last_name: str = "",
    phone: str | None = None,
    password: str | None = None,
) -> Customer:
    """Add a customer, whose phone counts as verified.

    Raise InvalidInput for a bad e-mail, phone or password, Conflict if another customer has the e-mail or the phone.
    """
    email = clean_email(email)
    number = clean_phone(phone) if phone and phone.strip() else None
    if password is not None:
        try:
            check_password(password)
        except ValueError as wrong:
            raise InvalidInput.of("password", str(wrong)) from None
    with transaction():
        if not _insert(email, first_name, last_name, number, hash_password(password) if password else None):
            raise Conflict("There is a customer with this e-mail already.", code="email_taken")
        customer = _by_email(email)
        claim_phone(customer)
        return customer


def update_customer(
    customer_id: int, actor: Actor, *, email: str, first_name: str, last_name: str, phone: str | None
) -> Customer:
    """Change a customer's e-mail, name or phone. The phone counts as verified: staff or a program of the shop gave it.

    What proved the old e-mail or phone is void, and the old address is told. Raise NotFound, InvalidInput for a bad
    e-mail or phone, Conflict if another customer has the e-mail or the phone.
    """
    number = clean_phone(phone) if phone and phone.strip() else None
    names = {"first_name": _clean_name(first_name), "last_name": _clean_name(last_name, "last_name")}
    with transaction() as session:
        customer = session.scalars(select(Customer).where(Customer.id == customer_id).with_for_update()).first()
        if customer is None:
            raise NotFound("There is no such customer.", code="customer_not_found")
        email = customer.email if email == customer.email else clean_email(email)
        if email != customer.email:
            if _BY_EMAIL(address=email).first() is not None:
                raise Conflict("There is a customer with this e-mail already.", code="email_taken")
            email_changed(customer_id, customer.email, email)
        if "phone" in change_fields(customer, {"email": email, **names, "phone": number}, actor):
            claim_phone(customer)
        session.flush()
    return customer


def change_fields(customer: Customer, given: Mapping[str, str | None], actor: Actor) -> list[str]:
    """Set fields of a locked customer and record what changed; return the changed names. A new phone is unverified."""
    changed = [name for name, value in given.items() if getattr(customer, name) != value]
    if "phone" in changed:
        customer.phone_verified_at = None
        void_codes(customer.id)
    for name in changed:
        setattr(customer, name, given[name])
    if changed:
        customer.search_text = search_text(customer.first_name, customer.last_name, customer.email, customer.phone)
        customer.updated_at = clock.now()
        audit_log.record(actor, "customer.changed", f"customer:{customer.id}", new=", ".join(changed))
    return changed


def read_contact(email: str, first_name: str = "", last_name: str = "", phone: str | None = None) -> Contact:
    """Clean what a request says of its customer; a phone number that cannot be read is left out.

    Raise InvalidInput for a bad e-mail.
    """
    return Contact(clean_email(email), _clean_name(first_name), _clean_name(last_name, "last_name"), _readable(phone))


def find_or_create_customer(
    email: str, *, first_name: str = "", last_name: str = "", phone: str | None = None
) -> Person:
    """Return the customer with an e-mail, or a new guest with these details, in the caller's transaction.

    The details of an existing customer are not changed: whoever places an order has not proved to be them. A phone
    number that cannot be read is left out rather than losing the order.
    """
    email = clean_email(email)
    while (known := _lock_by_email(email)) is None:  # not inserted first: a refused insert would use up an id
        _insert(email, first_name, last_name, _readable(phone), None)
    return known


def _readable(phone: str | None) -> str | None:
    try:
        return normalize_phone(phone, get_settings().country) if phone and phone.strip() else None
    except ValueError:
        return None


def fill_in_blanks(customer: Customer, first_name: str, last_name: str, phone: str | None) -> None:
    """Give a customer the name and phone that she has none of yet, in the caller's transaction."""
    customer.first_name = customer.first_name or _clean_name(first_name)
    customer.last_name = customer.last_name or _clean_name(last_name, "last_name")
    customer.phone = customer.phone or phone
    customer.search_text = search_text(customer.first_name, customer.last_name, customer.email, customer.phone)


def _lock_by_email(email: str) -> Person | None:
    """The customer with an e-mail, whom nobody can delete until the caller's transaction ends; None when there is none.

    Taken before anything else is locked for her, this keeps an order and a deletion from waiting for one another.
    """
    row = _LOCK_BY_EMAIL(address=email).first()
    return None if row is None else Person._make(row)


def _by_email(email: str) -> Customer:
    return db.session.scalars(select(Customer).where(Customer.email == email)).one()


def _insert(email: str, first_name: str, last_name: str, phone: str | None, password_hash: str | None) -> bool:
    now = clock.now()
    first_name, last_name = _clean_name(first_name), _clean_name(last_name, "last_name")
    return insert_or_ignore(
        Customer,
        [Customer.email],
        email=email,
        first_name=first_name,
        last_name=last_name,
        phone=phone,
        search_text=search_text(first_name, last_name, email, phone),
        password_hash=password_hash,
        created_at=now,
        updated_at=now,
    )


def _clean_name(raw: str, field: str = "first_name") -> str:
    try:
        return clean_line(raw)[:200]
    except ValueError as wrong:
        raise InvalidInput.of(field, str(wrong)) from None
