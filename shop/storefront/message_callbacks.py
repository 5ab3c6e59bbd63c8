"""Calls of the providers of messages, on any host: the secret in the path identifies the shop.

The providers decide the shapes: forms of Africa's Talking, JSON of Meta. Known addresses are not limited, because the
reports of a message to many customers come at once.
"""

from collections.abc import Callable
from functools import wraps

from flask import Blueprint, Response, abort, current_app, request

from shop.extensions import csrf
from shop.services.errors import NotFound
from shop.services.messaging.callbacks import is_whatsapp_token, receive_sms, receive_sms_report, receive_whatsapp
from shop.web.http.rate_limit import limit_address

blueprint = Blueprint("message_callbacks", __name__, url_prefix="/callbacks/messages")
csrf.exempt(blueprint)  # no cookie is used here

View = Callable[[str], Response]


def limits_unknown(view: View) -> View:
    """Count calls of wrong addresses by the caller's network address."""

    @wraps(view)
    def limited(callback_token: str) -> Response:
        try:
            return view(callback_token)
        except NotFound:
            limit_address("callbacks")
            raise

    return limited


@blueprint.post("/<callback_token>/report")
@limits_unknown
def sms_report(callback_token: str) -> Response:
    """Receive a delivery report of Africa's Talking."""
    receive_sms_report(callback_token, request.form)
    return _received()


@blueprint.post("/<callback_token>/incoming")
@limits_unknown
def sms_incoming(callback_token: str) -> Response:
    """Receive a customer's SMS."""
    receive_sms(callback_token, request.form)
    return _received()


@blueprint.get("/<callback_token>/whatsapp")
@limits_unknown
def whatsapp_verify(callback_token: str) -> Response:
    """Answer Meta's question when the address is entered there."""
    if not is_whatsapp_token(callback_token, request.args.get("hub.verify_token", "")):
        abort(403)
    return Response(request.args.get("hub.challenge", "")[:200], mimetype="text/plain")


@blueprint.post("/<callback_token>/whatsapp")
@limits_unknown
def whatsapp_receive(callback_token: str) -> Response:
    """Receive Meta's reports and customers' messages, signed with the app's secret."""
    signature = request.headers.get("X-Hub-Signature-256", "")
    receive_whatsapp(callback_token, request.get_data(), signature, current_app.config["PAYMENT_KEYS"])
    return _received()


def _received() -> Response:
    return Response("OK", mimetype="text/plain")
