"""Callbacks of payment providers, on any host: the secret in the path identifies the attempt or the shop."""

import logging

from flask import Blueprint, current_app

from shop.extensions import csrf
from shop.schemas.payments import CallbackRequest, CallbackResponse, ConfirmationRequest, ResultRequest
from shop.services.payment_matching.notifications import confirm_payment, validate_payment
from shop.services.payments.webhooks import handle_callback
from shop.services.provider_requests.results import handle_result, handle_timeout
from shop.web.http.rate_limit import limit_address
from shop.web.json_api.endpoint import endpoint
from shop.web.request_context import client_address

blueprint = Blueprint("callbacks", __name__, url_prefix="/api/v1/storefront/payments")
csrf.exempt(blueprint)  # no cookie is used here
log = logging.getLogger("tuza.payments")


@blueprint.before_request
def limit_requests() -> None:
    """Apply the storefront's limit per address, counted separately; Daraja's own addresses have none.

    Daraja sends a confirmation once: one that is refused is known only from the statement.
    """
    if client_address() not in current_app.config["DARAJA_ADDRESSES"]:
        limit_address("callbacks")


@blueprint.post("/callbacks/<callback_token>")
@endpoint(CallbackResponse, tag="Checkout", body=CallbackRequest, errors=[404])
def payment_callback(callback_token: str, body: CallbackRequest) -> CallbackResponse:
    """Receive M-Pesa's result of a payment

    Called by Daraja; each attempt has its own secret URL. A repeated or later result gets the same response and
    changes nothing twice.
    """
    handle_callback(callback_token, {"Body": body.body})
    return CallbackResponse()


@blueprint.post("/received/<callback_token>/validation")
@endpoint(CallbackResponse, tag="Checkout", body=ConfirmationRequest, errors=[404])
def payment_validate(callback_token: str, body: ConfirmationRequest) -> CallbackResponse:
    """Accept a payment that a customer is about to send

    Called by Daraja at the secret URL that the shop registered. Every payment is accepted.
    """
    validate_payment(callback_token)
    return CallbackResponse()


@blueprint.post("/received/<callback_token>/confirmation")
@endpoint(CallbackResponse, tag="Checkout", body=ConfirmationRequest, errors=[404])
def payment_confirm(callback_token: str, body: ConfirmationRequest) -> CallbackResponse:
    """Receive a payment that a customer sent

    Called by Daraja at the secret URL that the shop registered. The payment is stored before the response, once for
    each `TransID`, then it pays the order that `BillRefNumber` names or becomes a sale of the customer with the phone.
    """
    confirm_payment(callback_token, body.model_dump())
    _warn_of_unknown_address("a payment was confirmed from an unknown address")
    return CallbackResponse()


@blueprint.post("/results/<callback_token>")
@endpoint(CallbackResponse, tag="Checkout", body=ResultRequest, errors=[404])
def payment_result(callback_token: str, body: ResultRequest) -> CallbackResponse:
    """Receive the result of a request about a transaction

    Called by Daraja; each request for a status or a reversal has its own secret URL. The first success stays.
    """
    handle_result(callback_token, {"Result": body.result})
    _warn_of_unknown_address("a result came from an unknown address")
    return CallbackResponse()


@blueprint.post("/results/<callback_token>/timeout")
@endpoint(CallbackResponse, tag="Checkout", errors=[404])
def payment_result_timeout(callback_token: str) -> CallbackResponse:
    """Receive that a request about a transaction was not processed in time

    Called by Daraja. The request's result still counts if it comes later.
    """
    handle_timeout(callback_token)
    _warn_of_unknown_address("a timeout came from an unknown address")
    return CallbackResponse()


def _warn_of_unknown_address(message: str) -> None:
    if client_address() not in current_app.config["DARAJA_ADDRESSES"]:
        log.warning(message, extra={"fields": {"address": client_address()}})
