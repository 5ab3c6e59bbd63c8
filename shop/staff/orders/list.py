"""The list of orders: search, filters, saved views and export."""

from datetime import date

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from shop.queries.listing.list_page import ListPage
from shop.queries.orders.export import ORDERS_EXPORT
from shop.queries.orders.list import OrderFilters, browse_orders, filtered_customer, record_export
from shop.staff import blueprint
from shop.staff.confirmation import requires_recent_password
from shop.staff.exports import refuse_errors, send_export
from shop.staff.list_filters import ListAddress, ViewForm, history_header, query_of, read_place
from shop.staff.orders.filters import read_filters, read_query
from shop.staff.permissions import requires
from shop.staff.personal_reads import exports_personal_data, shows_personal_data
from shop.staff.saved_views import SavedViews
from shop.staff.session import signed_in
from shop.web.pages.htmx import render_page_or_fragment, wants_fragment
from shop.web.pages.view_options import reads_replica

VIEWS = SavedViews("orders", "staff.order_list", read_query)
DAYS = (("first", "from"), ("last", "to"))


@blueprint.get("/orders")
@reads_replica
@shows_personal_data("list:orders")
def order_list() -> Response:
    """List the shop's orders, newest first; filters and page are in the URL."""
    return _list(read_filters(request.args))


def _list(asked: ListAddress[OrderFilters], *, form: ViewForm | None = None, status: int = 200) -> Response:
    filters, kept, errors = asked
    place = read_place()
    found = ListPage() if errors else browse_orders(filters, **place)
    fragment = "_found.html" if request.headers.get("HX-Target") == "div#found" else "_list.html"
    opened = {"filters": "1"} if "filters" in request.args else {}
    page = render_page_or_fragment(
        "staff/orders/index.html",
        f"staff/orders/{fragment}",
        status=422 if errors else status,
        found=found,
        customer=filtered_customer(filters),
        filters=filters,
        kept=kept,
        errors=errors,
        panel=bool(opened or errors),
        days={word: date.fromisoformat(kept[name]) for word, name in DAYS if name in kept and name not in errors},
        **VIEWS.context(form),
    )
    if wants_fragment() and request.method == "GET":
        page.headers[history_header()] = VIEWS.address(kept | place | opened)
    return page


@blueprint.get("/orders.csv")
@requires("lists.export")
@requires_recent_password
@exports_personal_data
def order_export() -> Response:
    """Export all orders that match as CSV; the export is recorded."""
    filters, _kept, errors = read_filters(request.args)
    refuse_errors(errors)
    record_export(signed_in().member.actor)
    return send_export("orders", ORDERS_EXPORT, filters)


@blueprint.post("/orders/views")
@shows_personal_data("list:orders")
def order_view_save() -> AnyResponse:
    """Save the search, filters and order of the form's URL under a name."""
    form = ViewForm()
    return VIEWS.save(form) or _list(read_filters(query_of(form.query.data or "")), form=form, status=422)


@blueprint.post("/orders/views/<id:view_id>/delete")
def order_view_delete(view_id: int) -> AnyResponse:
    """Delete one of one's own views."""
    return VIEWS.delete(view_id)
