"""The staff door: pages below /staff/ for the people who work in a shop, one file a noun."""

from flask import Blueprint, Flask, redirect, url_for
from werkzeug.wrappers import Response

blueprint = Blueprint("staff", __name__, url_prefix="/staff")

from shop.staff import auth, formats, home, list_presenter, password, registrations, session, sign_in
from shop.staff.customers import detail, list
from shop.staff.ledger import views
from shop.staff.loyalty_settings import views
from shop.staff.orders import views
from shop.staff.settings import api_keys, members, payment_methods, store


def init_app(app: Flask) -> None:
    """Register the pages, who a session belongs to, and the way in from the bare address."""
    session.init_app(app)
    app.register_blueprint(blueprint)
    app.add_url_rule("/", "entrance", _entrance)


def _entrance() -> Response:
    """To the first page; who is not signed in is sent on to the sign-in from there."""
    return redirect(url_for("staff.home_show"))
