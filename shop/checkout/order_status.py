"""The status page of an order, linked from its mails. The code is only ever sent in a request's body."""

from flask import current_app, render_template, request, url_for

from shop.checkout import blueprint
from shop.domain.statuses import Fulfilment
from shop.services.errors import NotFound, ShopError
from shop.services.orders.repository import OrderRecord
from shop.services.payments.config import PaymentConfig
from shop.services.payments.order_status import (
    get_order_by_code,
    is_payable,
    list_instructions,
    pay_by_code,
    status_code,
)
from shop.services.shops.settings import get_settings
from shop.web.i18n import sentence_case, translate

LONGEST_CODE = 100


@blueprint.get("/<string:shop>/order-status")
def order_status_open(shop: str) -> str:
    """Show the form for the code; a script submits the code in the URL's fragment."""
    return _page(shop)


@blueprint.post("/<string:shop>/order-status")
def order_status_show(shop: str) -> str | tuple[str, int]:
    """Show the order with a code; with ``method``, start a payment."""
    code, config = request.form.get("code", "")[:LONGEST_CODE], PaymentConfig.of(current_app.config)
    try:
        order = get_order_by_code(code, config.secret_key)
    except NotFound as refused:
        return _page(shop, problem=translate(refused.message)), 404
    said = problem = ""
    if request.form.get("method"):
        try:
            begun = pay_by_code(code, request.form["method"][:64], request.form.get("phone", "")[:40], config)
            said = str(translate(begun.started.message))
        except ShopError as refused:
            problem = sentence_case(refused.errors[0].message) if refused.errors else translate(refused.message)
        order = get_order_by_code(code, config.secret_key)
    return _page(shop, order, code, said, problem)


def status_page(shop: str, order: OrderRecord, *, said: str, problem: str, is_new: bool) -> str:
    """Return the page of an order that was placed by the caller."""
    code = status_code(order.id, PaymentConfig.of(current_app.config).secret_key)
    return _page(shop, order, code, said, problem, is_new=is_new)


def shop_address(shop: str) -> str:
    """Return the URL of the shop's online store: its own, or the hosted one; empty if it has none."""
    values = get_settings().values
    hosted = url_for("hosted_shop.catalogue", shop=shop) if values["hosted_shop_enabled"] == "true" else ""
    return values["storefront_url"] or hosted


def _page(
    shop: str,
    order: OrderRecord | None = None,
    code: str = "",
    said: str = "",
    problem: str = "",
    *,
    is_new: bool = False,
) -> str:
    settings = get_settings()
    config = PaymentConfig.of(current_app.config)
    return render_template(
        "checkout/order_status.html",
        shop=settings,
        slug=shop,
        order=order,
        code=code,
        said=said,
        problem=problem,
        is_new=is_new,
        back=shop_address(shop),
        fulfilment=Fulfilment.of(order.status, is_out=order.out_for_delivery_at is not None) if order else "",
        is_payable=order is not None and is_payable(order),
        ways=list_instructions(order, config) if order else [],
    )
