"""The list of customers: search, filters, saved views and export; adding a customer."""

from typing import Any

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from shop.queries.customers.duplicates import find_same
from shop.queries.customers.export import customers_export
from shop.queries.customers.filter_choices import list_tags
from shop.queries.customers.list import CustomerFilters, list_customers, record_export
from shop.queries.customers.spelling import correct_search
from shop.queries.listing.list_page import ROWS, ListPage
from shop.services.customers.custom_fields import list_custom_fields
from shop.services.customers.records import create_customer
from shop.services.customers.segments import list_segments
from shop.services.errors import Conflict, ShopError
from shop.staff import blueprint
from shop.staff.confirmation import requires_recent_password
from shop.staff.customers.details_form import DetailsForm, details_form, own_value
from shop.staff.customers.filters import read_filters, read_query, suggest
from shop.staff.customers.forms import phone_owner
from shop.staff.exports import refuse_errors, send_export
from shop.staff.list_filters import ListAddress, ViewForm, history_header, query_of, read_ids, read_place
from shop.staff.permissions import requires
from shop.staff.personal_reads import exports_personal_data, shows_personal_data
from shop.staff.saved_views import SavedViews
from shop.staff.session import signed_in
from shop.web.pages.forms import put_errors
from shop.web.pages.htmx import redirect_with_message, render_page_or_fragment, wants_fragment
from shop.web.pages.view_options import reads_replica

VIEWS = SavedViews("customers", "staff.customer_list", read_query)


@blueprint.get("/customers")
@reads_replica
@shows_personal_data("list:customers")
def customer_list() -> Response:
    """List the shop's customers, newest first; search, filters, order and page are in the URL."""
    return _list(read_filters(request.args))


def _list(asked: ListAddress[CustomerFilters], *, form: ViewForm | None = None, status: int = 200) -> Response:
    filters, kept, errors = asked
    place = read_place()
    found = ListPage() if errors else list_customers(filters, **place)
    opened = {"filters": "1"} if "filters" in request.args else {}
    page = render_page_or_fragment(
        "staff/customers/index.html",
        "staff/customers/_list.html",
        status=422 if errors else status,
        found=found,
        meant=correct_search(filters.search) if filters.search and not found.matching and not errors else None,
        filters=filters,
        kept=kept,
        errors=errors,
        panel=bool(opened or errors),
        **VIEWS.context(form),
        tags=list_tags() if opened or errors else [],
        own_fields=[field for field in list_custom_fields() if field.in_list],
        own_value=own_value,
        segments=list_segments(),
    )
    if wants_fragment() and request.method == "GET":
        page.headers[history_header()] = VIEWS.address(kept | place | opened)
    return page


@blueprint.get("/customers.csv")
@requires("lists.export")
@reads_replica
@requires_recent_password
@exports_personal_data
def customer_export() -> Response:
    """Export all customers that match as CSV; the export is recorded."""
    filters, _kept, errors = read_filters(request.args)
    refuse_errors(errors)
    ids = read_ids(request.args, ROWS)
    filters = CustomerFilters(ids=ids) if ids else filters
    record_export(signed_in().member.actor)
    return send_export("customers", customers_export(), filters)


@blueprint.get("/customers/new")
@requires("customers.add")
@shows_personal_data("list:customers")
def customer_new() -> Response:
    """Show the form of a new customer, filled in from a search without matches.

    While someone types, htmx requests customers with the same e-mail or phone.
    """
    if wants_fragment() and request.headers.get("HX-Target", "").partition("#")[2] == "known":
        known = find_same(email=request.args.get("email", ""), phone=request.args.get("phone", ""))
        return Response(render_template("staff/customers/_known.html", same=known))
    return _form(details_form(typed=suggest(request.args.get("q", ""))))


@blueprint.post("/customers/new")
@requires("customers.add")
def customer_create() -> AnyResponse:
    """Add a customer and go to their page."""
    form = details_form()
    refusal = None
    if form.validate():
        try:
            made = create_customer(actor=signed_in().member.actor, **form.given)
            return redirect_with_message(url_for("staff.customer_show", customer_id=made.id), _("Customer added"))
        except Conflict as refused:
            if refused.code == "phone_taken":
                form.phone.errors = [phone_owner(form.phone.data)]
            elif refused.code == "external_id_taken":
                put_errors(form, refused)
            else:
                form.email.errors = [refused.message]
        except ShopError as refused:
            refusal = None if form.refuse(refused) else refused.message
    return _form(form, 422, refusal=refusal, same=find_same(email=form.email.data, phone=form.phone.data))


def _form(form: DetailsForm, status: int = 200, **more: Any) -> Response:
    return render_page_or_fragment(
        "staff/customers/new.html", "staff/customers/_new.html", status=status, form=form, **more
    )


@blueprint.post("/customers/views")
def customer_view_save() -> AnyResponse:
    """Save the search, filters and order of the form's URL under a name."""
    form = ViewForm()
    return VIEWS.save(form) or _list(read_filters(query_of(form.query.data or "")), form=form, status=422)


@blueprint.post("/customers/views/<id:view_id>/delete")
def customer_view_delete(view_id: int) -> AnyResponse:
    """Delete one of one's own views."""
    return VIEWS.delete(view_id)
