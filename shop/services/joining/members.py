"""Join the programme on the shop's page: a one-time code proves the e-mail or phone, and only then anything is stored.

What was typed comes again with the code, so that nothing is kept of people who do not enter it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shop.db.transaction import transaction
from shop.domain.customers.privacy import ConsentKind, ConsentSource
from shop.models import Customer
from shop.services import clock
from shop.services.actors import SHOPPER, Shopper
from shop.services.customers.fields import Values, clean_fields
from shop.services.customers.message_routes import Addresses, list_routes
from shop.services.customers.records import change_fields, clean_email, clean_phone, create_customer, lock_customer
from shop.services.errors import InvalidInput
from shop.services.loyalty.otp import OtpConfig, prove_contact, send_code
from shop.services.loyalty.registrations import RegistrationRequest, find_registration, register_customer
from shop.services.privacy.consents import record_answers
from shop.services.shoppers.carts import merge_cart
from shop.services.shoppers.sessions import begin_session
from shop.services.shops.settings import get_settings


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """The input of a person who joins. The code goes to the e-mail if there is one, else to the phone."""

    email: str
    phone: str
    first_name: str
    last_name: str
    birthday: str
    consents: Mapping[ConsentKind, bool]
    text_version: str

    @property
    def proved_by(self) -> dict[str, Any]:
        """The contact that the code goes to, as ``email`` and ``phone``, one of them None."""
        return {"email": self.email or None, "phone": None if self.email else self.phone or None}


def joins_by_phone() -> bool:
    """Return whether the shop can send a code to a phone, so that no one who joins needs an e-mail address."""
    return bool(list_routes("join_code", Addresses(None, "any", clock.now())))


def request_to_join(request: JoinRequest, *, address: str, config: OtpConfig) -> None:
    """Send a code to join, whether or not the shop knows the contact. Raise InvalidInput, TooOften."""
    _clean(request)
    send_code(**request.proved_by, address=address, config=config, joining=True)


def join(request: JoinRequest, code: str, *, shopper: Shopper | None, address: str, config: OtpConfig) -> str | None:
    """Add the customer, or complete the one who has the contact, and sign them in; return the session's new token.

    None for a wrong code. Of a known customer only empty fields are filled. Raise InvalidInput, and as `prove_contact`.
    """
    values = _clean(request)
    with transaction():
        proven = prove_contact(code, **request.proved_by, address=address, config=config)
        if proven is None:
            return None
        customer = _complete(proven.customer.id, values) if proven.customer else _add(request, values)
        record_answers(customer.id, request.consents, ConsentSource.ACCOUNT, request.text_version, SHOPPER)
        _register(customer)
        merge_cart(shopper, customer.id)
        return begin_session(shopper, customer_id=customer.id)[1]


def _clean(request: JoinRequest) -> Values:
    """Return the fields to store. Raise InvalidInput for a bad one, and without an address that a code can go to."""
    if not request.email and not joins_by_phone():
        raise InvalidInput.of("email", "Enter your e-mail address: the code goes there.")
    if not request.email and not request.phone:
        raise InvalidInput.of("phone", "Enter a phone number or an e-mail address.")
    if not request.consents.get(ConsentKind.LOYALTY_PROGRAMME):
        raise InvalidInput.of("loyalty_programme", "Without this the shop cannot give you points.")
    return clean_fields(
        {
            "email": clean_email(request.email) if request.email else None,
            "phone": clean_phone(request.phone) if request.phone else None,
            "first_name": request.first_name,
            "last_name": request.last_name,
            "birthday": request.birthday or None,
        }
    )


def _add(request: JoinRequest, values: Values) -> Customer:
    """Add a customer, whose phone counts as verified if the code went to it."""
    return create_customer(actor=SHOPPER, verified=not request.email, **values)


def _complete(customer_id: int, values: Values) -> Customer:
    customer = lock_customer(customer_id)
    change_fields(
        customer,
        {name: value for name, value in values.items() if value and name != "email" and not getattr(customer, name)},
        SHOPPER,
    )
    return customer


def _register(customer: Customer) -> None:
    """Send the shop a registration if it decides who takes part and needs no picture of an ID card for it."""
    rules = get_settings().rules
    if not rules.optin_required or rules.optin_id_required or not customer.phone or not customer.full_name:
        return
    if find_registration(customer.id) is None:
        register_customer(customer.id, RegistrationRequest(customer.full_name, customer.phone))
