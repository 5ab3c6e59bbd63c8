"""The staff door: pages below /staff/ for the people who work in a shop, one file a noun."""

from flask import Blueprint, Flask, redirect, url_for
from werkzeug.wrappers import Response

blueprint = Blueprint("staff", __name__, url_prefix="/staff")

from shop.staff import (  # noqa: E402  (they hang themselves on the blueprint)
    customer,  # noqa: F401
    customers,  # noqa: F401
    formats,  # noqa: F401
    guard,  # noqa: F401
    home,  # noqa: F401
    keys,  # noqa: F401
    ledger,  # noqa: F401
    list_words,  # noqa: F401
    loyalty_settings,  # noqa: F401
    members,  # noqa: F401
    orders,  # noqa: F401
    password,  # noqa: F401
    payments,  # noqa: F401
    registrations,  # noqa: F401
    session,
    sign_in,  # noqa: F401
    store,  # noqa: F401
)


def init_app(app: Flask) -> None:
    """Register the pages, who a session belongs to, and the way in from the bare address."""
    session.init_app(app)
    app.register_blueprint(blueprint)
    app.add_url_rule("/", "entrance", _entrance)


def _entrance() -> Response:
    """To the first page; who is not signed in is sent on to the sign-in from there."""
    return redirect(url_for("staff.home_show"))
