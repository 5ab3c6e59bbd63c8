"""Shoppers' accounts: created, verified by mail, signed in to. An unverified account shows no data of the shop.

No response reveals whether an e-mail is known to the shop: see docs/decisions/email-verification.md.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select, update

from shop.db.session import db
from shop.db.transaction import transaction
from shop.db.upsert import insert_or_ignore, purge_batch
from shop.domain.codes import hash_subject
from shop.domain.passwords import check_password
from shop.domain.text.messages import N_
from shop.models import Customer, ShopperSession, ShopperSignup
from shop.services import audit_log, clock, rate_limits
from shop.services.actors import SHOPPER, Actor, Shopper
from shop.services.customers.records import (
    clean_email,
    clean_phone,
    find_or_create_customer,
    get_customer,
)
from shop.services.customers.upsert import fill_in_blanks
from shop.services.errors import InvalidInput, NotSignedIn
from shop.services.passwords import hash_password, needs_rehash, password_matches
from shop.services.shoppers.carts import merge_cart
from shop.services.shoppers.links import check_link, mail_link, use_link, void_links
from shop.services.shoppers.sessions import SESSION_LIFE, begin_session, end_sessions, forget_signup
from shop.services.text_lengths import read_line


@dataclass(frozen=True, slots=True)
class AccountConfig:
    """The installation's key for links, and its limits per address."""

    secret_key: str
    sign_ins_per_address_15_minutes: int = 100
    links_per_address_hour: int = 60


@dataclass(frozen=True, slots=True)
class SignupRequest:
    """The fields of a sign-up, as typed."""

    email: str
    password: str
    first_name: str
    last_name: str
    phone: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """A signed-in account. Without an ``id`` the e-mail is not verified yet."""

    id: int | None
    email: str
    first_name: str
    last_name: str
    phone: str | None
    created_at: datetime

    @property
    def proved(self) -> bool:
        """Whether the e-mail is verified."""
        return self.id is not None


def find_account(shopper: Shopper | None) -> Account | None:
    """Return the account of a session; None for a guest."""
    person: Customer | ShopperSignup | None = None
    if shopper is not None and shopper.customer_id is not None:
        person = db.session.scalars(select(Customer).where(Customer.id == shopper.customer_id)).first()
    elif shopper is not None and shopper.signup_id is not None:
        person = db.session.scalars(select(ShopperSignup).where(ShopperSignup.id == shopper.signup_id)).first()
    return _account(person) if person is not None else None


def _account(person: Customer | ShopperSignup) -> Account:
    proved = person.id if isinstance(person, Customer) else None
    return Account(proved, person.email or "", person.first_name, person.last_name, person.phone, person.created_at)


def register(
    form: SignupRequest, *, shopper: Shopper | None, address: str, config: AccountConfig
) -> tuple[Account, str]:
    """Create an unverified account, sign the session in to it, and mail a link to verify the e-mail.

    The same happens whether or not the e-mail is known. Returns the account and the session's new token. A repeated
    sign-up replaces the earlier one. Raises InvalidInput for invalid fields, TooOften past the limits.
    """
    email = clean_email(form.email)
    number = clean_phone(form.phone) if form.phone and form.phone.strip() else None
    _check(form.password)
    _count_link("register", email, address, config)
    hashed = hash_password(form.password)
    with transaction() as session:
        now = clock.now()
        details = {
            "first_name": read_line("first_name", form.first_name, 200),
            "last_name": read_line("last_name", form.last_name, 200),
            "phone": number,
            "password_hash": hashed,
            "expires_at": now + SESSION_LIFE,
            "created_at": now,
            "updated_at": now,
        }
        insert_or_ignore(ShopperSignup, [ShopperSignup.email], email=email, **details)
        signup = session.scalars(select(ShopperSignup).where(ShopperSignup.email == email).with_for_update()).one()
        for name, value in details.items():
            setattr(signup, name, value)
        forget_signup(signup.id)
        mail_link("register", email, config.secret_key)
        _, token = begin_session(shopper, signup_id=signup.id)
        return _account(signup), token


def _check(password: str) -> None:
    try:
        check_password(password)
    except ValueError as wrong:
        raise InvalidInput.of("password", str(wrong)) from None


def _count_link(kind: str, email: str, address: str, config: AccountConfig) -> None:
    """Count a requested mail by e-mail and by address, whether known or not. Raise TooOften past a limit."""
    key = config.secret_key
    with transaction():
        rate_limits.hit(
            f"link-address:{hash_subject(key, address)}",
            rate_limits.otp_sends_per_address(config.links_per_address_hour),
            message=N_("Too many requests from here. Try again later."),
        )
        rate_limits.hit(
            f"link:{hash_subject(key, f'{kind}:{email}')}",
            rate_limits.SHOPPER_LINKS_PER_EMAIL,
            message=N_("Too many requests. Check your e-mail, or try again later."),
        )


def request_link(email: str, *, address: str, config: AccountConfig) -> None:
    """Mail a link for a new password; without an error if no account has the e-mail.

    Raises InvalidInput for an invalid e-mail, TooOften past the limits.
    """
    email = clean_email(email)
    _count_link("reset", email, address, config)
    with transaction():
        mail_link("reset", email, config.secret_key)


def sign_in(
    email: str, password: str, *, shopper: Shopper | None, address: str, config: AccountConfig
) -> tuple[Account, str]:
    """Sign the session in by e-mail and password; return the account and the session's new token.

    Every attempt is counted before the password is checked, by account and address together, so that no one can lock
    another person out. Raises the same NotSignedIn, after the same time, for every wrong input; TooOften past the
    limits.
    """
    email = clean_email(email)
    _count_sign_in(email, address, config)
    customer = db.session.scalars(select(Customer).where(Customer.email == email)).first()
    signup = db.session.scalars(select(ShopperSignup).where(ShopperSignup.email == email)).first()
    kept = customer.password_hash if customer else None
    unproved = signup.password_hash if signup else None
    fits = password_matches(password, kept), password_matches(password, unproved)  # always both: constant time
    if not any(fits):
        raise _wrong()
    rehashed = hash_password(password) if kept and fits[0] and needs_rehash(kept) else None
    with transaction() as session:
        if fits[0]:
            unchanged = (Customer.email == email, Customer.password_hash == kept)
            same = select(Customer).where(*unchanged)
            person = session.scalars(same.with_for_update(read=True, key_share=True)).first()
            if person is None:  # the password was changed in the meantime
                raise _wrong()
            if rehashed is not None:
                session.execute(update(Customer).where(*unchanged).values(password_hash=rehashed))
            merge_cart(shopper, person.id)
            _, token = begin_session(shopper, customer_id=person.id)
            return _account(person), token
        waiting = select(ShopperSignup).where(ShopperSignup.email == email, ShopperSignup.password_hash == unproved)
        asked = session.scalars(waiting.with_for_update()).first()
        if asked is None:
            raise _wrong()
        _, token = begin_session(shopper, signup_id=asked.id)
        return _account(asked), token


def _wrong() -> NotSignedIn:
    return NotSignedIn("Wrong e-mail or password. Try again.", code="wrong_password")


def _count_sign_in(email: str, address: str, config: AccountConfig) -> None:
    key = config.secret_key
    with transaction():
        rate_limits.hit(
            f"sign-in-address:{hash_subject(key, address)}",
            rate_limits.shopper_sign_ins_per_address(config.sign_ins_per_address_15_minutes),
            message=N_("Too many attempts from here. Wait a while, then try again."),
        )
        rate_limits.hit(
            f"sign-in:{hash_subject(key, f'{address} {email}')}",
            rate_limits.SHOPPER_SIGN_INS_PER_ACCOUNT,
            message=N_("Too many attempts. Wait a while, then try again."),
        )


def set_password(token: str, password: str) -> None:
    """Set a password by a mailed link, which verifies the e-mail: the account is then the customer's.

    All sessions of the person end, and sessions of other sign-ups with the e-mail become guests': of what they typed,
    only empty fields are filled. Raises InvalidInput for an invalid link, or a bad password (the link stays valid
    then).
    """
    _check(password)
    check_link(token)
    hashed = hash_password(password)
    with transaction() as session:
        email = use_link(token)
        signup = session.scalars(select(ShopperSignup).where(ShopperSignup.email == email).with_for_update()).first()
        known = session.scalars(select(Customer.id).where(Customer.email == email)).first()
        if known is None and signup is None:
            raise InvalidInput.of("token", "has been used or is too old; ask for a new link", code="link_over")
        customer = get_customer(find_or_create_customer(email).id)
        if signup is not None:
            fill_in_blanks(customer, signup.first_name, signup.last_name, signup.phone)
            forget_signup(signup.id)
            session.delete(signup)
        _change_password(customer, hashed, SHOPPER)


def set_customer_password(customer_id: int, password: str, actor: Actor) -> None:
    """Set a customer's password and end all of their sessions. Raises NotFound, InvalidInput for a bad password."""
    _check(password)
    get_customer(customer_id)
    hashed = hash_password(password)
    with transaction():
        _change_password(get_customer(customer_id), hashed, actor)


def _change_password(customer: Customer, hashed: str, actor: Actor) -> None:
    customer.password_hash = hashed
    customer.updated_at = clock.now()
    if customer.email:
        void_links(customer.email)
    end_sessions(customer.id)
    audit_log.record(actor, "customer.password", f"customer:{customer.id}")
    db.session.flush()


def purge_signups() -> int:
    """Delete expired sign-ups of the session's shops; return how many."""
    in_use = exists().where(ShopperSession.signup_id == ShopperSignup.id)
    return purge_batch(ShopperSignup, ShopperSignup.expires_at < clock.now(), ~in_use)
