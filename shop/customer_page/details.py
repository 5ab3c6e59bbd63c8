"""Consents, requests about personal data, and the registration for the programme."""

from typing import Any

from flask import current_app, redirect, request, url_for
from flask_babel import get_locale, gettext
from werkzeug.wrappers import Response

from shop.customer_page import blueprint
from shop.customer_page.requests import render, require_customer_id
from shop.customer_page.texts import CONSENTS, REQUESTS, STATES, WORDING
from shop.domain.customers.privacy import ConsentKind, ConsentSource
from shop.services.actors import SHOPPER
from shop.services.customers.records import get_customer
from shop.services.errors import Conflict, InvalidInput, ShopError, TooOften
from shop.services.loyalty.registrations import RegistrationRequest, register_customer
from shop.services.privacy.consents import list_consents, record_answers
from shop.services.privacy.requests import add_own_request, list_own_requests
from shop.web.error_handlers import status_of
from shop.web.i18n import sentence_case, translate
from shop.web.pages.uploads import FORM_TEXT_BYTES

OWN_REQUESTS = 5


def details_of(customer: Any) -> dict[str, Any]:
    """Return what the page shows of a customer's consents and requests."""
    newest = {consent.kind: consent for consent in reversed(list_consents(customer.id))}
    return {
        "consents": [(kind, CONSENTS[kind][0], newest.get(kind)) for kind in offered_consents(customer)],
        "request_kinds": REQUESTS,
        "request_states": STATES,
        "own_requests": list_own_requests(customer.id)[:OWN_REQUESTS],
    }


def offered_consents(customer: Any) -> list[ConsentKind]:
    """Return the consents for which the customer has the e-mail or the phone."""
    return [kind for kind, (_, contact) in CONSENTS.items() if getattr(customer, contact)]


def text_version() -> str:
    """Return the version of the sentences about consent, in the language of the request."""
    return f"{WORDING} {get_locale()}"


@blueprint.post("/consents")
def consents_save() -> Response:
    """Give and withdraw consents: those ticked are given."""
    customer_id = require_customer_id()
    ticked = request.form.getlist("consent")
    answers = {kind: kind in ticked for kind in offered_consents(get_customer(customer_id))}
    record_answers(customer_id, answers, ConsentSource.ACCOUNT, text_version(), SHOPPER)
    return _done("consents")


@blueprint.post("/requests")
def request_send() -> Response | tuple[str, int]:
    """Send a request about personal data to the shop."""
    customer_id = require_customer_id()
    try:
        add_own_request(customer_id, request.form.get("kind", "")[:40], request.form.get("note", ""))
    except (Conflict, InvalidInput, TooOften) as refused:
        return refused_form(refused)
    return _done("request")


@blueprint.post("/registration")
def registration_send() -> Response | tuple[str, int]:
    """Register for the programme, if the shop decides who takes part."""
    customer_id = require_customer_id()
    request.max_content_length = current_app.config["UPLOAD_MAX_BYTES"] + FORM_TEXT_BYTES
    picture = request.files.get("id_image")
    sent = RegistrationRequest(
        request.form.get("full_name", ""),
        request.form.get("phone", ""),
        picture.read() or None if picture else None,
    )
    try:
        register_customer(customer_id, sent)
    except (Conflict, InvalidInput, TooOften) as refused:
        return refused_form(refused)
    return _done("registration")


def refused_form(refused: ShopError) -> tuple[str, int]:
    """Return a page with the reason and the way back."""
    words = sentence_case(refused.errors[0].message) if refused.errors else translate(refused.message)
    return render("message.html", title=gettext("That didn’t work"), words=words), status_of(refused)


def _done(what: str) -> Response:
    return redirect(url_for("customer_page.overview", done=what), 303)
