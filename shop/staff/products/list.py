"""The list of products: search, filters, saved views and export."""

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from shop.queries.catalogue.export import FIELDS, export_products
from shop.queries.catalogue.list import ProductFilters, list_products, list_tags
from shop.queries.listing.list_page import ListPage
from shop.services.catalogue.categories import list_categories
from shop.staff import blueprint
from shop.staff.exports import refuse_errors
from shop.staff.list_filters import ListAddress, ViewForm, history_header, query_of, read_place
from shop.staff.permissions import requires
from shop.staff.products.filters import read_filters, read_query
from shop.staff.products.presenter import STATUS_NAMES, STOCK_NAMES, ProductRow
from shop.staff.saved_views import SavedViews
from shop.web.pages.csv_export import csv_response
from shop.web.pages.htmx import render_page_or_fragment, wants_fragment
from shop.web.pages.view_options import reads_replica

VIEWS = SavedViews("products", "staff.product_list", read_query)


@blueprint.get("/products")
@reads_replica
def product_list() -> Response:
    """List the shop's products, newest first; search, filters, order and page are in the URL."""
    return _list(read_filters(request.args))


def _list(asked: ListAddress[ProductFilters], *, form: ViewForm | None = None, status: int = 200) -> Response:
    filters, kept, errors = asked
    place = read_place()
    opened = {"filters": "1"} if "filters" in request.args else {}
    found = ListPage() if errors else list_products(filters, **place)
    categories = list_categories() if opened or filters.category_id else []
    page = render_page_or_fragment(
        "staff/products/index.html",
        "staff/products/_list.html",
        status=422 if errors else status,
        found=found,
        rows=[ProductRow.of(product) for product in found.rows],
        filters=filters,
        kept=kept,
        errors=errors,
        panel=bool(opened or errors),
        **VIEWS.context(form),
        categories=categories,
        tags=list_tags() if opened else [],
        statuses=STATUS_NAMES,
        stocks=STOCK_NAMES,
    )
    if wants_fragment() and request.method == "GET":
        page.headers[history_header()] = VIEWS.address(kept | place | opened)
    return page


@blueprint.get("/products.csv")
@requires("lists.export")
@reads_replica
def product_export() -> Response:
    """Export all matching products as CSV; the file can be imported again."""
    filters, _kept, errors = read_filters(request.args)
    refuse_errors(errors)
    return csv_response("products", FIELDS, export_products(filters))


@blueprint.post("/products/views")
def product_view_save() -> AnyResponse:
    """Save the search, filters and order of the form's URL under a name."""
    form = ViewForm()
    return VIEWS.save(form) or _list(read_filters(query_of(form.query.data or "")), form=form, status=422)


@blueprint.post("/products/views/<id:view_id>/delete")
def product_view_delete(view_id: int) -> AnyResponse:
    """Delete one of one's own views."""
    return VIEWS.delete(view_id)
