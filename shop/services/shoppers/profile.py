"""A signed-in shopper's profile, addresses and orders."""

from sqlalchemy import func, select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import Address, Customer, ShopperSignup
from shop.services import clock
from shop.services.actors import SHOPPER, Shopper
from shop.services.customers.addresses import AddressAsGiven, save_address
from shop.services.customers.records import change_fields, clean_email, clean_phone
from shop.services.errors import InvalidInput, NotFound
from shop.services.orders.repository import OrderRecord, get_order
from shop.services.payments.access import may_pay
from shop.services.shoppers.accounts import Account, find_account
from shop.services.text_lengths import read_line

MAX_ADDRESSES = 50


def update_profile(
    shopper: Shopper, *, first_name: str | None, last_name: str | None, phone: str | None, email: str | None
) -> Account:
    """Update a shopper's profile; None keeps a field, an empty phone removes it, a new one is unverified.

    Raise InvalidInput for an invalid phone, and for another e-mail, which would have to be verified.
    """
    with transaction() as session:
        person = _person(shopper)
        if email is not None and clean_email(email) != person.email:
            raise InvalidInput.of("email", "cannot be changed here; ask the shop")
        changed = {
            "first_name": _name("first_name", first_name, person.first_name),
            "last_name": _name("last_name", last_name, person.last_name),
            "phone": person.phone if phone is None else clean_phone(phone) if phone.strip() else None,
        }
        if isinstance(person, Customer):
            change_fields(person, changed, SHOPPER)
        else:
            for name, value in changed.items():
                setattr(person, name, value)
            person.updated_at = clock.now()
        session.flush()
    account = find_account(shopper)
    assert account is not None
    return account


def _person(shopper: Shopper) -> Customer | ShopperSignup:
    found: Customer | ShopperSignup | None
    if shopper.customer_id is not None:
        found = db.session.scalars(select(Customer).where(Customer.id == shopper.customer_id).with_for_update()).first()
    else:
        asked = select(ShopperSignup).where(ShopperSignup.id == shopper.signup_id)
        found = db.session.scalars(asked.with_for_update()).first()
    if found is None:
        raise NotFound("This account no longer exists.", code="customer_not_found")
    return found


def _name(field: str, given: str | None, before: str) -> str:
    return before if given is None else read_line(field, given, 200)


def list_addresses(shopper: Shopper) -> list[Address]:
    """Return a shopper's addresses, oldest first; none before the e-mail is verified."""
    if shopper.customer_id is None:
        return []
    return list(
        db.session.scalars(select(Address).where(Address.customer_id == shopper.customer_id).order_by(Address.id))
    )


def add_address(customer_id: int, given: AddressAsGiven) -> Address:
    """Add an address, up to :data:`MAX_ADDRESSES`. Raises InvalidInput beyond, and as ``save_address``."""
    with transaction():
        count = select(func.count(Address.id)).where(Address.customer_id == customer_id)
        if db.session.scalars(count).one() >= MAX_ADDRESSES:
            raise InvalidInput(
                "There are %(limit)s addresses already. Remove one first.", code="too_many", limit=MAX_ADDRESSES
            )
        return save_address(customer_id, given, SHOPPER)


def get_own_order(shopper: Shopper, order_id: int) -> OrderRecord:
    """Return an order of the shopper. Raises NotFound for anyone else's."""
    order = get_order(order_id)
    if shopper.customer_id is None or order.customer_id != shopper.customer_id:
        raise NotFound("There is no such order.", code="order_not_found")
    return order


def get_order_to_pay(shopper: Shopper | None, order_id: int, payment_token: str | None) -> OrderRecord:
    """Return an order if the caller may pay it (see ``may_pay``).

    Raises NotFound otherwise, and InvalidInput without a session and a token.
    """
    if payment_token is None and shopper is None:
        raise InvalidInput.of("payment_token", "is required")
    order = get_order(order_id)
    if not may_pay(order, shopper, payment_token):
        raise NotFound("There is no such order.", code="order_not_found")
    return order
