"""The storefront API: /api/v1/storefront, public, for the shop of the request's host."""

from flask import Blueprint

from shop.extensions import csrf

blueprint = Blueprint("storefront", __name__, url_prefix="/api/v1/storefront")
csrf.exempt(blueprint)  # session.py accepts a shopper's session from the shop's own origins only

# Importing a module registers its routes on the blueprint.
from shop.storefront import (  # noqa: E402,F401
    accounts,
    auth,
    callbacks,
    cart,
    catalogue,
    checkout,
    customer,
    loyalty,
    message_callbacks,
    own_points,
    privacy,
    widget_texts,
)
