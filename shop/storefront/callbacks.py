"""Callbacks of payment providers, on any host: the secret in the path identifies the attempt."""

from flask import Blueprint

from shop.extensions import csrf
from shop.schemas.payments import CallbackRequest, CallbackResponse
from shop.services.payments.webhooks import handle_callback
from shop.web.http.rate_limit import limit_address
from shop.web.json_api.endpoint import endpoint

blueprint = Blueprint("callbacks", __name__, url_prefix="/api/v1/storefront/payments")
csrf.exempt(blueprint)  # no cookie is used here


@blueprint.before_request
def limit_requests() -> None:
    """Apply the storefront's limit per address, counted separately."""
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
