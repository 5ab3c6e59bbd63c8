"""The two forms of signing in with a one-time code: who it is, then the code."""

from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext as _

from shop.services.errors import InvalidInput, TooOften
from shop.services.loyalty.otp import send_code
from shop.services.shoppers.code_sign_in import sign_in_with_code
from shop.services.shoppers.sessions import end_session
from shop.web.i18n import sentence_case, translate
from shop.web.pages.formats import own_phone_example
from shop.web.pages.shopper_pages import current_shopper, set_session
from shop.web.request_context import client_address, otp_config

LONGEST = 254
"""Maximum characters of an e-mail or a phone number."""


@dataclass(frozen=True, slots=True)
class SignInForm:
    """The form to show next. ``sent``: it asks for the code. ``problem`` is empty if there is none."""

    identifier: str = ""
    sent: bool = False
    problem: str = ""
    status: int = 200


def request_code() -> SignInForm:
    """Send a code to the customer with the form's e-mail or phone; the result is the same if there is none."""
    identifier = _identifier()
    try:
        send_code(**person_of(identifier), address=client_address(), config=otp_config())
    except InvalidInput:
        return SignInForm(
            identifier,
            problem=_("Enter an e-mail address or a phone number, e.g. %(phone)s.", phone=own_phone_example()),
            status=400,
        )
    except TooOften as refused:
        return SignInForm(identifier, sent=True, problem=translate(refused.message), status=429)
    return SignInForm(identifier, sent=True)


def sign_in() -> SignInForm | None:
    """Sign in with the form's code; None if it is right."""
    identifier = _identifier()
    try:
        token = sign_in_with_code(
            request.form.get("code", "")[:40],
            **person_of(identifier),
            shopper=current_shopper(),
            address=client_address(),
            config=otp_config(),
        )
    except (InvalidInput, TooOften) as refused:
        return refused_code(refused, identifier)
    if token is None:
        return wrong_code(identifier)
    set_session(token)
    return None


def refused_code(refused: InvalidInput | TooOften, identifier: str) -> SignInForm:
    """Return the form of the code again with what is wrong."""
    if isinstance(refused, TooOften):
        return SignInForm(identifier, sent=True, problem=translate(refused.message), status=429)
    of_code = _("The code") + " " + translate(refused.errors[0].message) + "."
    words = of_code if refused.errors[0].field == "code" else sentence_case(refused.errors[0].message)
    return SignInForm(identifier, sent=True, problem=words, status=400)


def wrong_code(identifier: str) -> SignInForm:
    """Return the form of the code again; a wrong, used, expired and unsent code are the same."""
    wrong = _("This code is wrong or has expired. Use the latest code, or ask for a new one.")
    return SignInForm(identifier, sent=True, problem=wrong, status=400)


def sign_out() -> None:
    """End the session; a customer's cart is kept with the account."""
    shopper = current_shopper()
    if shopper is not None:
        end_session(shopper)
    set_session(None)


def _identifier() -> str:
    return request.form.get("identifier", "").replace("\0", "").strip()[:LONGEST]


def person_of(identifier: str) -> dict[str, Any]:
    """Return ``email`` and ``phone``, one of them None."""
    by_email = "@" in identifier
    return {"email": identifier if by_email else None, "phone": None if by_email else identifier}
