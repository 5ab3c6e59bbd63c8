"""Confirmation of an adjustment above the shop's limit."""

from flask import Response, url_for
from flask_babel import gettext as _

from shop.domain.formats import group_digits
from shop.domain.loyalty.points import discount_for_points
from shop.services.customers.records import get_customer
from shop.services.loyalty.adjustments import preview_adjustment
from shop.services.shops.second_person import is_large_adjustment
from shop.staff.large_changes import ask_to_confirm
from shop.web.pages.formats import price, shop_settings


def confirm_adjustment(customer_id: int, points: int) -> Response | None:
    """Return the confirmation page, or None for an adjustment that is small, confirmed, or will be refused."""
    settings = shop_settings()
    if not is_large_adjustment(points, settings.values):
        return None
    preview = preview_adjustment(customer_id, points)
    if preview.after < 0:
        return None
    before = discount_for_points(preview.before, settings.rules)
    figures = [
        (_("Points balance"), group_digits(preview.before), group_digits(preview.after)),
        (_("Worth"), price(before), price(preview.worth_cents)),
    ]
    name = get_customer(customer_id).full_name
    sign = "+" if points > 0 else "−"
    heading = _("%(points)s points for %(name)s", points=sign + group_digits(abs(points)), name=name)
    return ask_to_confirm(heading, figures, back=url_for("staff.customer_show", customer_id=customer_id))
