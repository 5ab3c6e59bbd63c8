"""The checkout ``/checkout/SHOP``, embedded or by itself. It sets and reads no cookies."""

from flask import Blueprint

from shop.extensions import csrf

blueprint = Blueprint("checkout", __name__, url_prefix="/checkout")
csrf.exempt(blueprint)  # nothing here acts on a cookie

# Importing a module registers its routes on the blueprint.
from shop.checkout import auth, order_status, texts, theme, views  # noqa: E402,F401
