"""The admin API: /api/v1, for API keys and staff sessions."""

from flask import Blueprint

from shop.extensions import csrf

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
csrf.exempt(blueprint)  # API keys use no cookie; auth.py checks the token of sessions

# Importing a module registers its routes on the blueprint.
from shop.api import (  # noqa: E402,F401
    api_keys,
    auth,
    categories,
    coupons,
    customer_merges,
    customers,
    events,
    imports,
    loyalty,
    orders,
    products,
    registrations,
    sandbox,
    settings,
    shipping,
    till,
    webhooks,
)
