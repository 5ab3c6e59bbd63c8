"""The checkout door: /checkout/SHOP, a page to embed anywhere or to open by itself. No cookie is set or read here."""

from flask import Blueprint

from shop.extensions import csrf

blueprint = Blueprint("checkout", __name__, url_prefix="/checkout")
csrf.exempt(blueprint)  # nothing here acts on a cookie

from shop.checkout import (
    auth,  # noqa: E402,F401  (they hang on the blueprint)
    page,
    steps,
    theme,
)
