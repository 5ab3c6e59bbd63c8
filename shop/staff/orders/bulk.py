"""Bulk actions on orders: those ticked in the list, or all that match its filters."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from shop.domain.formats import group_digits
from shop.queries.orders.list import count_orders, find_order_ids
from shop.services.orders.fulfilment.bulk import AT_ONCE, BulkResult, complete_orders
from shop.staff import blueprint
from shop.staff.orders.filters import read_filters, read_ids
from shop.staff.permissions import requires
from shop.staff.session import signed_in
from shop.web.pages.htmx import redirect_with_message

PAGES = {"export": "staff.order_export", "done": "staff.order_bulk_confirm", "slips": "staff.order_packing_slips"}
"""Pages that take the selected orders in their URL."""


@blueprint.post("/orders/choose")
@requires("look")
def order_choose() -> AnyResponse:
    """Redirect to the pressed button's page with the ticked orders, or all that match the filters."""
    kept: dict[str, Any] = dict(read_filters(request.args).kept)
    back = url_for("staff.order_list", **kept)
    if not request.form.get("all"):
        ids = ",".join(map(str, read_ids(",".join(request.form.getlist("id")))))
        if not ids:
            return redirect_with_message(back, _("Select some orders first."))
        kept = {"ids": ids}
    return redirect(url_for(PAGES.get(request.form.get("do", ""), PAGES["done"]), **kept), 303)


@blueprint.get("/orders/bulk")
@requires("orders.fulfil")
def order_bulk_confirm() -> AnyResponse | str:
    """Ask for confirmation with the exact number of orders."""
    filters, kept, _errors = read_filters(request.args)
    values: dict[str, Any] = dict(kept)
    count, back = count_orders(filters), url_for("staff.order_list", **values)
    number = group_digits(count)
    if count > AT_ONCE:
        limit = group_digits(AT_ONCE)
        said = _("%(number)s orders match. At most %(limit)s can be marked at once.", number=number, limit=limit)
        return redirect_with_message(back, said)
    question = ngettext("Mark %(number)s order done?", "Mark %(number)s orders done?", count, number=number)
    return render_template("staff/confirm.html", question=question, action=_("Mark done"), back=back)


@blueprint.post("/orders/bulk")
@requires("orders.fulfil")
def order_bulk() -> AnyResponse:
    """Mark the orders in the URL done."""
    result = complete_orders(find_order_ids(read_filters(request.args).filters, AT_ONCE), signed_in().member.actor)
    return redirect_with_message(url_for("staff.order_list"), _words(result))


def _words(result: BulkResult) -> str:
    changed = group_digits(result.changed)
    said = [ngettext("%(number)s order marked done.", "%(number)s orders marked done.", result.changed, number=changed)]
    left_out = result.unchanged + result.refused
    if left_out:
        number = group_digits(left_out)
        said.append(
            ngettext("%(number)s was done or cancelled.", "%(number)s were done or cancelled.", left_out, number=number)
        )
    return " ".join(said)
