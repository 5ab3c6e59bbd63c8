"""Customers: found, made, described, and deleted for good (``docs/contract/api.md``, section 2)."""

from typing import NamedTuple

from sqlalchemy import bindparam, delete, or_, select, update

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.db.session import db
from shop.db.transaction import transaction
from shop.db.upsert import insert_or_ignore, like_fragment
from shop.domain.contact import full_name, normalize_email, normalize_phone
from shop.domain.passwords import check_password
from shop.domain.search_text import search_text
from shop.domain.text import clean_line
from shop.models import (
    AbandonedCart,
    Address,
    Cart,
    Customer,
    CustomerNote,
    IdempotencyRecord,
    LoyaltyAccount,
    LoyaltyEntry,
    LoyaltyEntryNote,
    LoyaltyRegistration,
    Order,
    OrderAddress,
    OrderNote,
    OrderRefund,
    OtpChallenge,
    OutboxMessage,
    PaymentAttempt,
    PaymentFlag,
    RedemptionToken,
    ShopperLink,
    ShopperSession,
    ShopperSignup,
)
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.customers.uploads import drop_picture
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


_C = table(Customer).c
_PERSON = select(*(_C[name] for name in Person._fields)).where(_C.shop_id == SHOP)
_WITH_EMAIL = _PERSON.where(_C.email == bindparam("address"))
_BY_EMAIL = PreparedQuery(_WITH_EMAIL)
_BY_PHONE = PreparedQuery(_PERSON.where(_C.phone == bindparam("number")).order_by(_C.id).limit(1))
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
    """The customer with an e-mail, or else with a phone number; None when nobody has it.

    A number that several customers share means the one who had it first. Raises InvalidInput when neither is given,
    or what is given can be no e-mail or no number.
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
    """Add a customer. Raises InvalidInput for a bad e-mail, phone or password, Conflict when the e-mail is taken."""
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
        return _by_email(email)


def update_customer(
    customer_id: int, actor: Actor, *, email: str, first_name: str, last_name: str, phone: str | None
) -> Customer:
    """Give a customer another e-mail, name or phone; what is waiting to be mailed to her goes to the new e-mail.

    Raises NotFound, InvalidInput for a bad e-mail or phone, Conflict when somebody else has the e-mail.
    """
    email = clean_email(email)
    number = clean_phone(phone) if phone and phone.strip() else None
    first_name, last_name = _clean_name(first_name), _clean_name(last_name, "last_name")
    with transaction() as session:
        statement = select(Customer).where(Customer.id == customer_id).with_for_update()
        customer = session.scalars(statement).first()
        if customer is None:
            raise NotFound("There is no such customer.", code="customer_not_found")
        if email != customer.email:
            if _BY_EMAIL(address=email).first() is not None:
                raise Conflict("There is a customer with this e-mail already.", code="email_taken")
            row = OutboxMessage
            session.execute(update(row).where(row.recipient == customer.email).values(recipient=email))
        given = {"email": email, "first_name": first_name, "last_name": last_name, "phone": number}
        changed = [name for name, value in given.items() if getattr(customer, name) != value]
        if changed:
            for name in changed:
                setattr(customer, name, given[name])
            customer.search_text = search_text(first_name, last_name, email, number)
            customer.updated_at = clock.now()
            audit_log.record(actor, "customer.changed", f"customer:{customer_id}", new=", ".join(changed))
        session.flush()
    return customer


def find_or_create_customer(
    email: str, *, first_name: str = "", last_name: str = "", phone: str | None = None
) -> Person:
    """The customer with an e-mail, or a new guest with these details, in the caller's transaction.

    What an existing customer says about herself is not changed: whoever places an order has not proved to be her. A
    phone number that cannot be read is left out rather than losing the order.
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


def add_address(customer_id: int, *, type: str, address1: str, city: str, **rest: str) -> Address:
    """Add an address (``shipping`` or ``billing``) to a customer."""
    with transaction() as session:
        address = Address(
            customer_id=get_customer(customer_id).id,
            type=type,
            address1=address1,
            city=city,
            created_at=clock.now(),
            **rest,
        )
        session.add(address)
        session.flush()
    return address


def add_note(customer_id: int, content: str, actor: Actor) -> CustomerNote:
    """Write a note about a customer. Raises NotFound, and InvalidInput when it says nothing."""
    if not content.strip():
        raise InvalidInput.of("content", "must not be empty")
    with transaction() as session:
        note = CustomerNote(
            customer_id=get_customer(customer_id).id,
            author_id=actor.id if actor.kind == "staff" else None,
            author_label=actor.label,
            content=content.strip(),
            created_at=clock.now(),
        )
        session.add(note)
        session.flush()
    return note


def delete_customer(customer_id: int, actor: Actor) -> None:
    """Remove a person for good: everything personal goes; orders and points stay without a name.

    Raises NotFound. An order that is being placed for her at this moment is waited for, and loses its name too.
    """
    with transaction() as session:
        for model in (Order, OtpChallenge):  # in the order in which others lock these and then the customer
            rows = select(model.id).where(model.customer_id == customer_id).order_by(model.id)
            session.execute(rows.with_for_update()).all()
        statement = select(Customer).where(Customer.id == customer_id).with_for_update()
        customer = session.scalars(statement).first()
        if customer is None:
            raise NotFound("There is no such customer.", code="customer_not_found")
        email = customer.email
        pictured = select(LoyaltyRegistration.id_image).where(LoyaltyRegistration.customer_id == customer_id)
        picture = session.scalars(pictured).first()
        orders = select(Order.id).where(Order.customer_id == customer_id)
        signups = select(ShopperSignup.id).where(ShopperSignup.email == email)
        entries = (select(LoyaltyEntry.id).join(LoyaltyAccount, LoyaltyAccount.id == LoyaltyEntry.account_id)).where(
            LoyaltyAccount.customer_id == customer_id
        )
        gone = (
            delete(OrderAddress).where(OrderAddress.order_id.in_(orders)),
            delete(OrderNote).where(OrderNote.order_id.in_(orders)),
            update(OrderRefund).where(OrderRefund.order_id.in_(orders)).values(reason=""),
            update(PaymentAttempt).where(PaymentAttempt.order_id.in_(orders)).values(phone=None),
            update(PaymentFlag).where(PaymentFlag.order_id.in_(orders)).values(handled_note=""),
            delete(LoyaltyEntryNote).where(LoyaltyEntryNote.entry_id.in_(entries)),
            delete(LoyaltyRegistration).where(LoyaltyRegistration.customer_id == customer_id),
            delete(RedemptionToken).where(
                RedemptionToken.customer_id == customer_id, RedemptionToken.order_id.is_(None)
            ),
            update(RedemptionToken).where(RedemptionToken.customer_id == customer_id).values(customer_id=None),
            delete(OtpChallenge).where(OtpChallenge.customer_id == customer_id),
            delete(OutboxMessage).where(OutboxMessage.recipient == email),
            delete(ShopperLink).where(ShopperLink.email == email),
            delete(Cart).where(Cart.customer_id == customer_id),
            delete(AbandonedCart).where(or_(AbandonedCart.customer_id == customer_id, AbandonedCart.email == email)),
            delete(ShopperSession).where(ShopperSession.customer_id == customer_id),
            update(ShopperSession).where(ShopperSession.signup_id.in_(signups)).values(signup_id=None),
            delete(ShopperSignup).where(ShopperSignup.email == email),
            delete(IdempotencyRecord).where(IdempotencyRecord.body.like(like_fragment(email), escape="\\")),
            delete(IdempotencyRecord).where(IdempotencyRecord.caller == f"customer:{customer_id}"),
            update(Order).where(Order.customer_id == customer_id).values(customer_id=None),
            update(LoyaltyAccount).where(LoyaltyAccount.customer_id == customer_id).values(customer_id=None),
            delete(Address).where(Address.customer_id == customer_id),
            delete(CustomerNote).where(CustomerNote.customer_id == customer_id),
            delete(Customer).where(Customer.id == customer_id),
        )
        for statement_ in gone:
            session.execute(statement_.execution_options(synchronize_session=False))
        audit_log.record(actor, "customer.deleted", f"customer:{customer_id}")
    drop_picture(picture)
