"""Customers with the same e-mail or phone, each to be compared with and merged into the first."""

from flask import Response

from shop.queries.customers.collisions import SHOWN, list_collisions
from shop.staff import blueprint
from shop.staff.permissions import requires
from shop.staff.personal_reads import shows_personal_data
from shop.web.pages.htmx import render_page_or_fragment
from shop.web.pages.view_options import reads_replica


@blueprint.get("/customers/duplicates")
@requires("customers.merge")
@shows_personal_data("list:customers")
@reads_replica
def customer_duplicate_list() -> Response:
    """E-mails and phones that several customers have."""
    page = "staff/customers/duplicates.html"
    return render_page_or_fragment(page, page, collisions=list_collisions(), shown=SHOWN)
