"""The admin door: /api/v1, for API keys (and staff sessions), one file a noun."""

from flask import Blueprint

from shop.extensions import csrf

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
csrf.exempt(blueprint)  # keys carry no cookie; sessions are checked by the guard itself

# Importing a module registers its routes on the blueprint.
from shop.api import auth, customers, loyalty, orders, registrations, settings  # noqa: E402,F401
