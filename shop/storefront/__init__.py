"""The storefront door: /api/v1/storefront, public, for the shop of the host that was called."""

from flask import Blueprint

from shop.extensions import csrf

blueprint = Blueprint("storefront", __name__, url_prefix="/api/v1/storefront")
csrf.exempt(blueprint)  # a shopper's session is heeded from the shop's own pages alone: see session.py

# Importing a module registers its routes on the blueprint.
from shop.storefront import accounts, auth, callbacks, cart, catalogue, checkout, customer, loyalty, own_points  # noqa: E402,F401
