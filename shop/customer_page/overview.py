"""The page itself: points, the code that the till reads, orders and history; its manifest makes it installable."""

import json
from typing import Any

from flask import Response, current_app, request, url_for
from flask_babel import gettext as _

from shop.customer_page import blueprint
from shop.customer_page.details import details_of
from shop.customer_page.requests import render
from shop.customer_page.texts import DONE, entry_names
from shop.domain.customers.contact import card_number
from shop.queries.loyalty.self_service import get_shopper_points, history_of
from shop.queries.orders.list import NEWEST_RECORDED, OrderFilters, list_orders
from shop.services.actors import Shopper
from shop.services.customers.records import get_customer
from shop.services.payments.order_status import is_payable, status_code
from shop.services.payments.registration import takes_payments
from shop.services.shops.settings import get_settings
from shop.web.pages.code_sign_in import SignInForm
from shop.web.pages.qr import qr_svg
from shop.web.pages.shopper_pages import current_shopper

ENTRIES = 10
ORDERS = 10


@blueprint.get("")
def overview() -> str:
    """Show points, orders and details of the customer; anyone else gets the sign-in form."""
    shopper = current_shopper()
    if shopper is None or shopper.customer_id is None:
        return render("sign_in.html", form=SignInForm())
    return show_overview(shopper)


def show_overview(shopper: Shopper, problem: str = "", **more: Any) -> str:
    """Return the page; ``problem`` says why a form on it was refused."""
    assert shopper.customer_id is not None
    customer = get_customer(shopper.customer_id)
    number = card_number(customer.external_id, customer.phone, customer.email)
    before = request.args.get("before", "")
    orders = list_orders(OrderFilters(customer_id=customer.id, sort=NEWEST_RECORDED), page=1, limit=ORDERS).orders
    key = current_app.config["SECRET_KEY"]
    return render(
        "overview.html",
        customer=customer,
        number=number,
        code=qr_svg(number, border=0),
        points=get_shopper_points(shopper),
        history=history_of(customer.id, limit=ENTRIES, before=int(before[:18]) if before.isdecimal() else None),
        is_older=before.isdecimal(),
        entry_names=entry_names(),
        orders=orders,
        to_pay={order.id: status_code(order.id, key) for order in orders if is_payable(order)},
        can_claim=takes_payments(),
        problem=problem,
        done=DONE.get(request.args.get("done", "")),
        **details_of(customer),
        **more,
    )


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    """Return what a phone needs to put the page on its home screen (https://www.w3.org/TR/appmanifest/)."""
    name, home = get_settings().values["store_name"], url_for("customer_page.overview")
    icon = {"src": url_for("static", filename="favicon.svg"), "sizes": "any", "type": "image/svg+xml"}
    data = {
        "name": _("Points at %(shop)s", shop=name),
        "short_name": name[:30],
        "id": home,
        "start_url": home,
        "scope": home,
        "display": "standalone",
        "background_color": "#faf8f5",
        "theme_color": "#faf8f5",
        "icons": [icon],
    }
    return Response(json.dumps(data, ensure_ascii=False), mimetype="application/manifest+json")
