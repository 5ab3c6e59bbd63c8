"""The overview: figures, charts and alerts."""

from typing import Any

from flask import Response, current_app, request, url_for

from shop.domain.dates.date_ranges import SPANS
from shop.queries.dashboard.alerts import COUNTED, get_alerts
from shop.queries.dashboard.overview import get_overview, list_top_balances
from shop.queries.ledger.shop import list_latest
from shop.queries.reports.open_orders import count_open_orders
from shop.queries.reports.today import get_sales_now
from shop.services.catalogue.sample import has_samples
from shop.services.loyalty.nightly_check import find_last_check
from shop.staff import blueprint
from shop.staff.ledger import entry_presenter
from shop.staff.personal_reads import shows_personal_data
from shop.staff.session import signed_in
from shop.staff.setup.checklist import find_checklist
from shop.web.pages.htmx import render_page_or_fragment, wants_fragment
from shop.web.pages.view_options import reads_replica

LATEST = 14


@blueprint.get("/")
@reads_replica
@shows_personal_data("list:overview")
def home_show() -> Response:
    """Show the overview for ``?span=`` of 30 days, 13 weeks or a year; htmx gets the figures alone."""
    span = request.args.get("span", "")
    overview = get_overview(span if span in SPANS else "13w")
    if wants_fragment():
        return render_page_or_fragment("", "staff/home/_span.html", overview=overview)
    return render_page_or_fragment(
        "staff/home/show.html",
        "",
        overview=overview,
        samples=signed_in().member.may("products.write") and has_samples(),
        checklist=find_checklist(signed_in().member),
        attention=get_alerts(),
        top=list_top_balances(),
        latest=list_latest(LATEST),
        checked=find_last_check(),
        words=entry_presenter,
        sales=get_sales_now() if signed_in().member.may("reports.read") else None,
        work=count_open_orders(),
        mail_page=link("dev_mail.dev_mail_index"),
        link=link,
        counted=COUNTED,
    )


def link(endpoint: str, **values: Any) -> str | None:
    """Return the URL of a page; None if it does not exist."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None
