"""Claim a payment by M-Pesa that earned no points, by the code in its message."""

from flask import current_app, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shop.customer_page import blueprint
from shop.customer_page.details import refused_form
from shop.customer_page.requests import render, require_customer_id
from shop.services.errors import Conflict, InvalidInput, NotFound, ShopError, TooOften
from shop.services.payment_matching.claims import claim_own

LONGEST = 100
REFUSED = 422


@blueprint.post("/payments")
def payment_claim() -> Response | tuple[str, int]:
    """Claim the payment with the code that the customer entered."""
    customer_id = require_customer_id()
    receipt = request.form.get("receipt", "").replace("\0", "")[:LONGEST]
    try:
        claim_own(receipt, customer_id, current_app.config["SECRET_KEY"])
    except (NotFound, InvalidInput) as refused:
        return render("message.html", title=_("That didn’t work"), words=_why(refused)), REFUSED
    except (Conflict, TooOften) as refused:
        return refused_form(refused)
    return redirect(url_for("customer_page.overview", done="payment"), 303)


def _why(refused: ShopError) -> str:
    if isinstance(refused, NotFound):
        return _(
            "The shop has received no payment with this code yet. Check the code in the message from M-Pesa, "
            "and try again in a few minutes."
        )
    return _("This is not a code from M-Pesa. It has ten letters and digits, such as SGH7X2K9QP.")
