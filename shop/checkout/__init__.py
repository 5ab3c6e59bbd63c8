"""The checkout: /checkout/SHOP, a page to embed anywhere or to open by itself. No cookie is set or read here."""

from flask import Blueprint

from shop.extensions import csrf

blueprint = Blueprint("checkout", __name__, url_prefix="/checkout")
csrf.exempt(blueprint)  # nothing here acts on a cookie

# Importing a module registers its routes on the blueprint.
from shop.checkout import auth, page, steps, texts, theme  # noqa: E402,F401
