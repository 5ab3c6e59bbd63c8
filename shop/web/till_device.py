"""The cookie by which a registered till is known."""

from flask import current_app, request
from werkzeug.wrappers import Response

from shop.services.till.devices import Device, check_device

COOKIE = "tuza_till"
KEPT = 400 * 86_400


def sent_token() -> str | None:
    """Return the request's token of a till."""
    return request.cookies.get(COOKIE)


def current_device() -> Device | None:
    """Return the device of the request. Raise NotAllowed as `check_device`."""
    return check_device(sent_token())


def keep_token(response: Response, token: str) -> None:
    """Set the cookie of a registered till."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=KEPT,
        path="/",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Strict",
    )
