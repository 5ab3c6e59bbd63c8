"""The storefront door: /api/v1/storefront, public, for the shop of the host that was called."""

from flask import Blueprint

from shop.extensions import csrf

blueprint = Blueprint("storefront", __name__, url_prefix="/api/v1/storefront")
csrf.exempt(blueprint)  # nothing here acts on a cookie

from shop.storefront import (  # noqa: E402,F401  (they hang on the blueprint)
    catalogue,
    checkout,
    guard,
    loyalty,
    own_points,
)
