"""The staff door: pages below /staff/ for the people who work in a shop, one file a noun."""

from flask import Blueprint, Flask, redirect, url_for
from werkzeug.wrappers import Response

blueprint = Blueprint("staff", __name__, url_prefix="/staff")

# Importing a module registers its routes and filters on the blueprint.
from shop.staff import auth, formats, home, list_presenter, password, registrations, session, sign_in  # noqa: E402,F401
from shop.staff.customers import detail as customer_detail  # noqa: E402,F401
from shop.staff.customers import list as customer_list  # noqa: E402,F401
from shop.staff.ledger import views as ledger_views  # noqa: E402,F401
from shop.staff.loyalty_settings import views as loyalty_settings_views  # noqa: E402,F401
from shop.staff.orders import views as order_views  # noqa: E402,F401
from shop.staff.settings import api_keys, members, payment_methods, store  # noqa: E402,F401


def init_app(app: Flask) -> None:
    """Register the pages, who a session belongs to, and the way in from the bare address."""
    session.init_app(app)
    app.register_blueprint(blueprint)
    app.add_url_rule("/", "entrance", _entrance)


def _entrance() -> Response:
    """To the first page; who is not signed in is sent on to the sign-in from there."""
    return redirect(url_for("staff.home_show"))
