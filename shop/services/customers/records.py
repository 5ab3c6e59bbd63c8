"""Find, add and change customers (``docs/contract/api.md``, section 2)."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.db.session import db
from shop.db.transaction import transaction
from shop.db.upsert import insert_or_ignore_id
from shop.domain.customers.contact import full_name
from shop.domain.customers.fields import BY_NAME
from shop.domain.events import EventType
from shop.domain.passwords import check_password
from shop.domain.text.messages import Translatable
from shop.domain.text.search import search_text
from shop.models import Customer, CustomerMerge
from shop.services import clock
from shop.services.actors import SHOPPER, SYSTEM, Actor
from shop.services.customers.events import record_customer
from shop.services.customers.fields import Values, changed_fields, clean_field, clean_fields, require_identity
from shop.services.customers.identity import (
    check_external_id,
    claim_phone,
    email_changed,
    enqueue_notice,
    hold_redemption,
    void_codes,
)
from shop.services.errors import Conflict, FieldError, InvalidInput, NotFound
from shop.services.passwords import hash_password


class Person(NamedTuple):
    """A customer's main columns."""

    id: int
    email: str | None
    first_name: str
    last_name: str
    phone: str | None
    redemption_held_until: datetime | None = None
    phone_verified_at: datetime | None = None

    @property
    def full_name(self) -> str:
        """First and last name, else e-mail, else phone."""
        return full_name(self.first_name, self.last_name, self.email, self.phone)


class Contact(NamedTuple):
    """The contact details of a request's customer, cleaned."""

    email: str
    first_name: str
    last_name: str
    phone: str | None


_C = table(Customer).c
_PERSON = select(*(_C[name] for name in Person._fields)).where(_C.shop_id == SHOP)
_NAMES = {field.attribute: name for name, field in BY_NAME.items()}
"""The API's name of a field by the model's attribute."""
_WITH_EMAIL = _PERSON.where(_C.email == bindparam("address"))
_BY_EMAIL = PreparedQuery(_WITH_EMAIL)
_BY_PHONE = PreparedQuery(_PERSON.where(_C.phone == bindparam("number"), _C.phone_verified_at.is_not(None)))
_LOCK_BY_EMAIL = PreparedQuery(_WITH_EMAIL.with_for_update(read=True, key_share=True))


def not_found(customer_id: int) -> NotFound:
    """Return the error for an unknown id; for a merged customer it has the id of the other one."""
    error = NotFound("There is no such customer.", code="customer_not_found")
    error.merged_into = find_merge_target(customer_id)
    return error


def find_merge_target(customer_id: int) -> int | None:
    """Return the id of the customer that one was merged into, None if it was not merged."""
    merge = select(CustomerMerge.target_id).where(CustomerMerge.source_id == customer_id)
    return db.session.scalars(merge.where(CustomerMerge.undone_at.is_(None)).order_by(CustomerMerge.id.desc())).first()


def get_customer(customer_id: int) -> Customer:
    """Return a customer of the session's shop. Raise NotFound."""
    customer = db.session.scalars(select(Customer).where(Customer.id == customer_id)).first()
    if customer is None:
        raise not_found(customer_id)
    return customer


def hold_customer(customer_id: int) -> Customer:
    """Return a customer with a lock against deletion until the caller's transaction ends. Raise NotFound.

    Called before their account is locked: a change of points writes the customer's row too, and a deletion locks that
    first.
    """
    statement = select(Customer).where(Customer.id == customer_id).with_for_update(read=True, key_share=True)
    customer = db.session.scalars(statement).first()
    if customer is None:
        raise not_found(customer_id)
    return customer


def find_customer(*, email: str | None = None, phone: str | None = None) -> Person | None:
    """Return the customer with an e-mail, or else with a verified phone; None if no one has it.

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
    """Return a normalised e-mail. Raise InvalidInput naming ``field``."""
    return clean_field("email", raw or " ", field=field) or _missing(field)


def clean_phone(raw: str, field: str = "phone") -> str:
    """Return a phone in E.164, by default in the shop's country. Raise InvalidInput naming ``field``."""
    return clean_field("phone", raw, field=field) or _missing(field)


def _missing(field: str) -> str:
    raise InvalidInput.of(field, "is required")


def create_customer(
    email: str | None = None,
    *,
    password: str | None = None,
    verified: bool = True,
    actor: Actor = SYSTEM,
    **given: Any,
) -> Customer:
    """Add a customer with the fields given (``domain/customers/fields.py``), whose phone counts as verified.

    With ``verified=False`` the phone is unverified. Raise InvalidInput for neither e-mail nor phone, an invalid field
    or password; Conflict if another customer has the e-mail, the external id, or the verified phone.
    """
    values = clean_fields(dict.fromkeys(BY_NAME) | {"email": email} | given)
    require_identity(values)
    if password is not None:
        try:
            check_password(password)
        except ValueError as wrong:
            raise InvalidInput.of("password", str(wrong)) from None
    with transaction() as session:
        check_external_id(values["external_id"])
        customer_id = _insert(values, hash_password(password) if password else None, actor)
        if customer_id is None:
            raise email_taken(values["email"])
        customer = session.scalars(select(Customer).where(Customer.id == customer_id)).one()
        if verified:
            claim_phone(customer)
        return customer


def update_customer(customer_id: int, actor: Actor, *, verified: bool = True, **given: Any) -> Customer:
    """Change the given fields of a customer. A new phone counts as verified: staff or a program of the shop gave it.

    With ``verified=False`` it does not. Codes and links sent to the old e-mail or phone are voided, and the old address
    is notified. Raise NotFound, InvalidInput for an invalid field and for neither e-mail nor phone, Conflict if another
    customer has the e-mail, the external id, or the verified phone.
    """
    with transaction() as session:
        customer = lock_customer(customer_id)
        values = changed_fields(customer, given)
        require_identity({name: values.get(name, getattr(customer, name)) for name in ("email", "phone")})
        _contact_changed(customer, values, actor)
        check_external_id(values.get("external_id"), but=customer_id)
        if "phone" in change_fields(customer, values, actor) and verified:
            claim_phone(customer)
        session.flush()
    return customer


def _contact_changed(customer: Customer, values: Values, actor: Actor) -> None:
    """Void codes and links of the old e-mail, put redemption on hold, and notify the customer."""
    email, phone = values.get("email", customer.email), values.get("phone", customer.phone)
    if email != customer.email and email is not None and _BY_EMAIL(address=email).first() is not None:
        raise email_taken(email)
    is_new = (email not in (None, customer.email)) or (phone not in (None, customer.phone))
    hours = hold_redemption(customer, actor) if is_new else 0
    if email != customer.email:
        email_changed(customer.id, customer.email, email, hours)
    elif phone != customer.phone and actor.kind == "staff":
        enqueue_notice("phone_changed", customer.email, hours)


def lock_customer(customer_id: int) -> Customer:
    """Return a customer, locked until the caller's transaction ends. Raise NotFound."""
    customer = db.session.scalars(select(Customer).where(Customer.id == customer_id).with_for_update()).first()
    if customer is None:
        raise not_found(customer_id)
    return customer


def email_taken(email: str | None) -> Conflict:
    """Return the Conflict for an e-mail that another customer has; it names them."""
    owner = _BY_EMAIL(address=email).first()
    if owner is None:  # deleted in the meantime
        return Conflict("The customer with this e-mail was just deleted. Try again.", code="email_taken")
    name = Person._make(owner).full_name
    other = Translatable("is the e-mail of %(name)s (customer %(id)s)", name=name, id=owner.id)
    errors = [FieldError("email", other)]
    return Conflict("A customer with this e-mail already exists.", code="email_taken", errors=errors)


def change_fields(customer: Customer, given: Values, actor: Actor) -> list[str]:
    """Set fields of a locked customer and record the change; return the changed names. A new phone is unverified."""
    changed = [name for name, value in given.items() if getattr(customer, name) != value]
    previous = {_NAMES.get(name, name): getattr(customer, name) for name in changed}
    if "phone" in changed:
        customer.phone_verified_at = None
        void_codes(customer.id)
    for name in changed:
        setattr(customer, name, given[name])
    if changed:
        customer.search_text = search_text(customer.first_name, customer.last_name, customer.email, customer.phone)
        customer.updated_at = clock.now()
        updated = record_customer(EventType.CUSTOMER_UPDATED, customer.id, actor, previous)
        updated.audit("customer.changed", new=", ".join(changed))
    return changed


def read_contact(email: str, first_name: str = "", last_name: str = "", phone: str | None = None) -> Contact:
    """Clean the contact details of a request; an invalid phone is left out. Raise InvalidInput for a bad e-mail."""
    names = clean_fields({"first_name": first_name, "last_name": last_name})
    return Contact(clean_email(email), names["first_name"] or "", names["last_name"] or "", _readable(phone))


def find_or_create_customer(
    email: str, *, first_name: str = "", last_name: str = "", phone: str | None = None
) -> Person:
    """Return the customer with an e-mail, or a new guest with these details, in the caller's transaction.

    The details of an existing customer are not changed: the person placing the order is not verified. An invalid phone
    is left out instead of refusing the order.
    """
    return find_or_create_by_contact(read_contact(email, first_name, last_name, phone))


def find_or_create_by_contact(contact: Contact) -> Person:
    """As :func:`find_or_create_customer`, with cleaned details."""
    while (known := _lock_by_email(contact.email)) is None:  # a refused insert would use up an id
        new_id = _insert(contact._asdict(), None, SHOPPER)
        if new_id is not None:
            return Person(new_id, *contact)
    return known


def _readable(phone: str | None) -> str | None:
    try:
        found: str | None = clean_field("phone", phone)
    except InvalidInput:
        return None
    return found


def _lock_by_email(email: str) -> Person | None:
    """Return the customer with an e-mail, locked against deletion until the caller's transaction ends, or None.

    Locking it before any other row of theirs prevents a deadlock between an order and a deletion.
    """
    row = _LOCK_BY_EMAIL(address=email).first()
    return None if row is None else Person._make(row)


def _storable(values: Values) -> Values:
    """Return values of columns by name, without values not given and empty custom fields."""
    found = {name: value for name, value in values.items() if value is not None}
    custom = found.pop("custom_fields", {})
    columns = {name: getattr(Customer, name).expression.name for name in found}
    stored = {columns[name]: value for name, value in found.items()}
    return stored | {"custom_fields": {key: text for key, text in custom.items() if text}}


def _insert(values: Values, password_hash: str | None, actor: Actor) -> int | None:
    """Add a customer; return their id, None if another customer has the e-mail."""
    now = clock.now()
    text = search_text(values["first_name"] or "", values["last_name"] or "", values["email"], values["phone"])
    customer_id = insert_or_ignore_id(
        Customer,
        [Customer.email],
        **_storable(values),
        search_text=text,
        password_hash=password_hash,
        created_at=now,
        updated_at=now,
    )
    if customer_id is not None:
        record_customer(EventType.CUSTOMER_CREATED, customer_id, actor)
    return customer_id
