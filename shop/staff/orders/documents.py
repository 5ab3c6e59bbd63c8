"""Packing slips, receipts and invoices: pages to print, and PDF files with ``?pdf=1``."""

from typing import Any

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from shop.domain.formats import group_digits
from shop.queries.orders.list import count_orders, find_order_ids
from shop.services.errors import Conflict
from shop.services.orders.documents.invoices import find_invoice, invoice_name, issue_invoice
from shop.services.orders.repository import get_order, get_orders
from shop.staff import blueprint
from shop.staff.orders.filters import read_filters
from shop.staff.orders.views import ID
from shop.staff.permissions import requires
from shop.staff.personal_reads import shows_personal_data
from shop.staff.session import signed_in
from shop.web.i18n import translate
from shop.web.pages.formats import shop_settings
from shop.web.pages.htmx import redirect_with_message
from shop.web.pages.pdf import pdf_response

SLIPS_AT_ONCE = 100
WIDTHS = ("80", "58")


@blueprint.get(f"/orders/{ID}/packing-slip")
@shows_personal_data("list:orders")
def order_packing_slip(order_id: int) -> Response:
    """Show a packing slip on A4."""
    return _document("packing_slip", [get_order(order_id)])


@blueprint.get("/orders/packing-slips")
@shows_personal_data("list:orders")
def order_packing_slips() -> AnyResponse:
    """Show packing slips of the selected orders, one a page; none for more than 100."""
    filters, kept, _errors = read_filters(request.args)
    values: dict[str, Any] = dict(kept)
    count = count_orders(filters)
    if count > SLIPS_AT_ONCE:
        number = group_digits(count)
        said = _(
            "%(number)s orders match. At most %(limit)s can be printed at once.", number=number, limit=SLIPS_AT_ONCE
        )
        return redirect_with_message(url_for("staff.order_list", **values), said)
    return _document("packing_slip", get_orders(find_order_ids(filters, SLIPS_AT_ONCE)))


@blueprint.get(f"/orders/{ID}/receipt")
@shows_personal_data("list:orders")
def order_receipt(order_id: int) -> Response:
    """Show a receipt for a roll of 80 mm, or 58 mm with ``?width=58``."""
    width = request.args.get("width", "")
    return _document("receipt", [get_order(order_id)], width=width if width in WIDTHS else WIDTHS[0])


@blueprint.get(f"/orders/{ID}/invoice")
@shows_personal_data("list:orders")
def order_invoice(order_id: int) -> AnyResponse:
    """Show the invoice of an order that has one."""
    order, invoice = get_order(order_id), find_invoice(order_id)
    if invoice is None:
        return redirect_with_message(
            url_for("staff.order_show", order_id=order_id), _("This order has no invoice yet.")
        )
    return _document("invoice", [order], invoice=invoice, number=invoice_name(invoice.number))


@blueprint.post(f"/orders/{ID}/invoice")
@requires("orders.pay")
def order_invoice_issue(order_id: int) -> AnyResponse:
    """Create the invoice of an order, once."""
    try:
        invoice = issue_invoice(order_id, signed_in().member.actor)
    except Conflict as refusal:
        return redirect_with_message(url_for("staff.order_show", order_id=order_id), translate(refusal.message))
    said = _("Invoice %(number)s.", number=invoice_name(invoice.number))
    return redirect_with_message(url_for("staff.order_invoice", order_id=order_id), said)


def _document(name: str, orders: list[Any], **values: Any) -> Response:
    as_pdf = request.args.get("pdf") == "1"
    settings = shop_settings()
    page = render_template(
        f"documents/{name}.html",
        orders=orders,
        document=name,
        shop=settings.values,
        logo=settings.logo,
        as_pdf=as_pdf,
        **values,
    )
    if not as_pdf:
        return Response(page)
    of = orders[0].order_number if len(orders) == 1 else "orders"
    return pdf_response(page, f"{name.replace('_', '-')}-{of}", roll=values.get("width", ""))
