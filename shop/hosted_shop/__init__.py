"""The hosted shop: /shop/SHOP, for merchants without an online store of their own. Every page works without scripts."""

from flask import Blueprint

from shop.extensions import csrf

blueprint = Blueprint("hosted_shop", __name__, url_prefix="/shop/<string:shop>")
csrf.exempt(blueprint)  # requests.py accepts forms from the shop's own pages only

# Importing a module registers its routes on the blueprint.
from shop.hosted_shop import account, cart, catalogue, requests, sitemap  # noqa: E402,F401
