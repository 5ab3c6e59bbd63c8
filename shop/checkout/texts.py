"""The texts that ``static/embed.js`` shows around the checkout's frame."""

from flask import Response, jsonify
from flask_babel import gettext as _

from shop.checkout import blueprint


@blueprint.get("/<string:shop>/texts")
def checkout_texts(shop: str) -> Response:
    """Return the texts as JSON, for any page that embeds the checkout."""
    response = jsonify(
        close=_("Close"),
        title=_("Checkout"),
        loading=_("Loading the checkout …"),
        failed=_("The checkout did not load here."),
        elsewhere=_("Open it in its own page"),
    )
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
