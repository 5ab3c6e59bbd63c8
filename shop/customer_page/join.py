"""Joining the programme: the form, then the code. Known and unknown people see the same."""

from typing import Any

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from shop.customer_page import blueprint
from shop.customer_page.details import text_version
from shop.customer_page.requests import current_customer_id, render
from shop.customer_page.texts import CONSENTS
from shop.domain.customers.privacy import ConsentKind
from shop.services.errors import InvalidInput, TooOften
from shop.services.joining.members import JoinRequest, join, joins_by_phone, request_to_join
from shop.services.shops.settings import get_settings
from shop.web.i18n import sentence_case, translate
from shop.web.pages.code_sign_in import SignInForm, refused_code, wrong_code
from shop.web.pages.shopper_pages import current_shopper, set_session
from shop.web.request_context import client_address, otp_config

FIELDS = ("phone", "email", "first_name", "last_name", "birthday")
LONGEST = 1000
TRAP = "website"
"""A hidden field: programs that fill in every field get the same answer and no code."""


@blueprint.get("/join")
def join_show() -> Response | str:
    """Show the form."""
    if current_customer_id() is not None:
        return redirect(url_for("customer_page.overview"), 303)
    return _form({})


@blueprint.post("/join")
def join_submit() -> tuple[str, int]:
    """Send a code to the e-mail or phone."""
    typed = _typed()
    if request.form.get(TRAP):
        return _code_form(typed, SignInForm(sent=True))
    try:
        request_to_join(_request(typed), address=client_address(), config=otp_config())
    except InvalidInput as refused:
        wrong = {error.field: sentence_case(error.message).rstrip(".") + "." for error in refused.errors}
        return _form(typed, wrong=wrong), 400
    except TooOften as refused:
        return _code_form(typed, SignInForm(sent=True, problem=translate(refused.message), status=429))
    return _code_form(typed, SignInForm(sent=True))


@blueprint.post("/join/code")
def join_code() -> Response | tuple[str, int]:
    """Join with the code."""
    typed = _typed()
    try:
        token = join(
            _request(typed),
            request.form.get("code", "")[:40],
            shopper=current_shopper(),
            address=client_address(),
            config=otp_config(),
        )
    except (InvalidInput, TooOften) as refused:
        return _code_form(typed, refused_code(refused, ""))
    if token is None:
        return _code_form(typed, wrong_code(""))
    set_session(token)
    return redirect(url_for("customer_page.overview", done="joined"), 303)


def _typed() -> dict[str, Any]:
    given = {name: request.form.get(name, "").replace("\0", "").strip()[:LONGEST] for name in FIELDS}
    return given | {"consent": [kind for kind in request.form.getlist("consent") if kind in list(ConsentKind)]}


def _request(typed: dict[str, Any]) -> JoinRequest:
    """Return the request; what was not ticked is no statement."""
    agreed = {ConsentKind(kind): True for kind in typed["consent"] if _has_contact(ConsentKind(kind), typed)}
    given = {name: typed[name] for name in FIELDS}
    return JoinRequest(**given, consents=agreed, text_version=text_version())


def _has_contact(kind: ConsentKind, typed: dict[str, Any]) -> bool:
    return kind not in CONSENTS or bool(typed[CONSENTS[kind][1]])


def _form(typed: dict[str, Any], **more: Any) -> str:
    if not get_settings().rules.enabled:
        abort(404)
    offers = [(kind, sentence) for kind, (sentence, _contact) in CONSENTS.items()]
    values = {"wrong": {}, "typed": typed, "offers": offers, "trap": TRAP, "by_phone": joins_by_phone()}
    return render("join.html", **values | more)


def _code_form(typed: dict[str, Any], form: SignInForm) -> tuple[str, int]:
    contact = typed["email"] or typed["phone"]
    return render("join_code.html", typed=typed, names=FIELDS, contact=contact, form=form), form.status
