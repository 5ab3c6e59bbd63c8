"""The customer's own page: /me/SHOP, with points, a code for the till, orders and consents. It needs no script."""

from flask import Blueprint

from shop.extensions import csrf

blueprint = Blueprint("customer_page", __name__, url_prefix="/me/<string:shop>")
csrf.exempt(blueprint)  # shopper_pages.load_shopper accepts forms from the page itself only

# Importing a module registers its routes on the blueprint.
from shop.customer_page import details, join, overview, payments, requests, sign_in, till_code  # noqa: E402,F401
