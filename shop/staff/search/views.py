"""The search page, and the results in the dialog that Ctrl+K opens."""

from flask import Response, request

from shop.queries.search.results import search_shop
from shop.staff import blueprint
from shop.staff.personal_reads import shows_personal_data
from shop.staff.search.pages import find_pages, find_settings
from shop.staff.session import signed_in
from shop.web.pages.htmx import render_page_or_fragment
from shop.web.pages.view_options import reads_replica

LONGEST = 200


@blueprint.get("/search")
@reads_replica
@shows_personal_data("list:customers")
def search_show() -> Response:
    """Search for ``?q=``; without it, list the pages."""
    typed = request.args.get("q", "").strip()[:LONGEST]
    member = signed_in().member
    return render_page_or_fragment(
        "staff/search/show.html",
        "staff/search/_results.html",
        typed=typed,
        found=search_shop(typed),
        pages=find_pages(typed, member),
        settings=find_settings(typed, member),
    )
