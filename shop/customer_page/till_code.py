"""A code that the customer shows at the till to pay with points, instead of waiting for a message."""

from flask import redirect, url_for
from werkzeug.wrappers import Response

from shop.customer_page import blueprint
from shop.customer_page.requests import current_customer_id, render, require_customer_id
from shop.services.loyalty.shown_codes import find_shown_code, show_code
from shop.services.shoppers.sessions import is_recent
from shop.web.pages.qr import qr_svg
from shop.web.pages.shopper_pages import current_shopper
from shop.web.request_context import otp_config


@blueprint.get("/till-code")
def till_code() -> Response | str:
    """Show the newest code while the till accepts it."""
    customer_id = current_customer_id()
    if customer_id is None:
        return redirect(url_for("customer_page.overview"), 303)
    shown = find_shown_code(customer_id, otp_config())
    return render(
        "till_code.html", shown=shown, picture=qr_svg(shown.code, border=0) if shown else "", must_sign_in=_is_old()
    )


@blueprint.post("/till-code")
def till_code_new() -> Response:
    """Make a new code, unless the customer signed in too long ago."""
    customer_id = require_customer_id()
    if not _is_old():
        show_code(customer_id, otp_config())
    return redirect(url_for("customer_page.till_code"), 303)


def _is_old() -> bool:
    shopper = current_shopper()
    return shopper is None or not is_recent(shopper)
