"""Where providers of payment call back: any host will do, the secret in the path says which attempt is meant."""

from flask import Blueprint, g

from shop.extensions import csrf
from shop.schemas.payments import CallbackAnswer, CallbackRequest
from shop.services.payments.webhooks import hear
from shop.web.endpoint import endpoint
from shop.web.rate_limit import limit_address

blueprint = Blueprint("callbacks", __name__, url_prefix="/api/v1/storefront/payments")
csrf.exempt(blueprint)  # nothing here acts on a cookie


@blueprint.before_request
def count() -> None:
    """Count the request: as often as a storefront's from one address, and not among them."""
    limit_address("callbacks")
    g.private_path = f"{blueprint.url_prefix}/callbacks/…"  # the secret stays out of the log


@blueprint.post("/callbacks/<callback_token>")
@endpoint(CallbackAnswer, tag="Checkout", body=CallbackRequest, errors=[404])
def payment_callback(callback_token: str, body: CallbackRequest) -> CallbackAnswer:
    """Take the word of M-Pesa on a payment

    Daraja calls here; the address is made for each attempt and known to nobody else. The same word again, or another
    one later, is answered alike and changes nothing twice.
    """
    hear(callback_token, {"Body": body.body})
    return CallbackAnswer()
