"""Callbacks of payment providers, on any host: the secret in the path identifies the attempt or the shop."""

import logging

from flask import Blueprint, current_app

from shop.extensions import csrf
from shop.schemas.payments import CallbackRequest, CallbackResponse, ConfirmationRequest
from shop.services.payment_matching.notifications import confirm_payment, validate_payment
from shop.services.payments.webhooks import handle_callback
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
    if client_address() not in current_app.config["DARAJA_ADDRESSES"]:
        log.warning("a payment was confirmed from an unknown address", extra={"fields": {"address": client_address()}})
    return CallbackResponse()
