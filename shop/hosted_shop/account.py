"""The customer's account in the hosted shop: signing in with a one-time code, points and orders."""

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shop.hosted_shop import blueprint
from shop.hosted_shop.requests import current_shopper, render, set_session
from shop.queries.loyalty.self_service import get_shopper_points
from shop.queries.orders.list import NEWEST_RECORDED, OrderFilters, list_orders
from shop.services.actors import Shopper
from shop.services.errors import InvalidInput, TooOften
from shop.services.loyalty.otp import send_code
from shop.services.shoppers.accounts import find_account
from shop.services.shoppers.code_sign_in import sign_in_with_code
from shop.services.shoppers.sessions import end_session
from shop.web.i18n import sentence_case, translate
from shop.web.request_context import client_address, otp_config

ORDERS = 20
LONGEST = 254
"""Maximum characters of an e-mail or a phone number."""


@blueprint.get("/account")
def account_show() -> str:
    """Show the customer's points and orders; a guest gets the sign-in form."""
    shopper = current_shopper()
    account = find_account(shopper)
    if shopper is None or account is None or not account.proved:
        return render("sign_in.html", identifier="", sent=False, problem="")
    return render(
        "account.html",
        account=account,
        points=get_shopper_points(shopper),
        orders=_orders(shopper),
    )


def _orders(shopper: Shopper) -> list[object]:
    filters = OrderFilters(customer_id=shopper.customer_id, sort=NEWEST_RECORDED)
    return list(list_orders(filters, page=1, limit=ORDERS).orders)


@blueprint.post("/account/code")
def account_code() -> tuple[str, int]:
    """Send a code to the customer with this e-mail or phone; the response is the same if there is none."""
    identifier = _identifier()
    try:
        send_code(**_person(identifier), address=client_address(), config=otp_config())
    except InvalidInput:
        return _sign_in(identifier, problem=_("Enter an e-mail address or a phone number, e.g. 0712 345678.")), 400
    except TooOften as refused:
        return _sign_in(identifier, sent=True, problem=translate(refused.message)), 429
    return _sign_in(identifier, sent=True), 200


@blueprint.post("/account/sign-in")
def account_sign_in() -> Response | tuple[str, int]:
    """Sign in with the code."""
    identifier, code = _identifier(), request.form.get("code", "")[:40]
    try:
        token = sign_in_with_code(
            code,
            **_person(identifier),
            shopper=current_shopper(),
            address=client_address(),
            config=otp_config(),
        )
    except InvalidInput as refused:
        of_code = _("The code") + " " + translate(refused.errors[0].message) + "."
        words = of_code if refused.errors[0].field == "code" else sentence_case(refused.errors[0].message)
        return _sign_in(identifier, sent=True, problem=words), 400
    except TooOften as refused:
        return _sign_in(identifier, sent=True, problem=translate(refused.message)), 429
    if token is None:
        wrong = _("This code is wrong or has expired. Use the latest code, or ask for a new one.")
        return _sign_in(identifier, sent=True, problem=wrong), 400
    set_session(token)
    return redirect(url_for("hosted_shop.account_show"))


@blueprint.post("/account/sign-out")
def account_sign_out() -> Response:
    """End the session; a customer's cart is kept with the account."""
    shopper = current_shopper()
    if shopper is not None:
        end_session(shopper)
    set_session(None)
    return redirect(url_for("hosted_shop.catalogue"))


def _identifier() -> str:
    return request.form.get("identifier", "").replace("\0", "").strip()[:LONGEST]


def _person(identifier: str) -> dict[str, str | None]:
    by_email = "@" in identifier
    return {"email": identifier if by_email else None, "phone": None if by_email else identifier}


def _sign_in(identifier: str, *, sent: bool = False, problem: str = "") -> str:
    return render("sign_in.html", identifier=identifier, sent=sent, problem=problem)
