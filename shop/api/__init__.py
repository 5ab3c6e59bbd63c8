"""The admin API: /api/v1, for API keys and staff sessions."""

from flask import Blueprint

from shop.extensions import csrf

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
csrf.exempt(blueprint)  # API keys use no cookie; auth.py checks the token of sessions

# Importing a module registers its routes on the blueprint.
from shop.api import (  # noqa: E402,F401
    api_keys,
    auth,
    customer_merges,
    customers,
    events,
    imports,
    loyalty,
    orders,
    registrations,
    sandbox,
    settings,
    till,
    webhooks,
)
from shop.api.catalogue import categories, coupons, products, shipping  # noqa: E402,F401
