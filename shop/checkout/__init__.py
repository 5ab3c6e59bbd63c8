"""The checkout at ``/checkout/SHOP``, embedded in a store's page or alone. It uses no cookies."""

from flask import Blueprint

from shop.extensions import csrf

blueprint = Blueprint("checkout", __name__, url_prefix="/checkout")
csrf.exempt(blueprint)  # no view relies on a cookie

# Importing a module registers its routes on the blueprint.
from shop.checkout import auth, order_status, texts, theme, views  # noqa: E402,F401
