"""Reports: sales, payments, products, customers, points; on a page, and as CSV."""

from collections.abc import Callable
from typing import Any, Final

from flask import Response, request
from flask_babel import format_date, lazy_gettext
from flask_babel import gettext as _

from shop.domain.charts.bar_chart import draw_bars
from shop.domain.dates.date_ranges import SPANS, Part, before, parts_of
from shop.domain.dates.days import day_of
from shop.domain.money import format_money
from shop.queries.dashboard.overview import get_overview
from shop.queries.reports.sales import Sales, count_buyers, sum_sales
from shop.queries.reports.tables import (
    ReportRow,
    best_customers,
    best_products,
    members_and_others,
    payments_by_method,
)
from shop.services import clock
from shop.staff import blueprint
from shop.staff.permissions import requires
from shop.web.pages.csv_export import csv_response
from shop.web.pages.formats import shop_settings
from shop.web.pages.htmx import render_page_or_fragment
from shop.web.pages.view_options import reads_replica

REPORTS: Final = {
    "sales": lazy_gettext("Sales"),
    "payments": lazy_gettext("Payments"),
    "products": lazy_gettext("Products"),
    "customers": lazy_gettext("Customers"),
    "points": lazy_gettext("Points"),
}
SPAN_NAMES: Final = {
    "30d": lazy_gettext("Last 30 days"),
    "13w": lazy_gettext("Last 13 weeks"),
    "1y": lazy_gettext("Last 12 months"),
}
TABLES: Final[dict[str, Callable[[Part], list[ReportRow]]]] = {
    "payments": payments_by_method,
    "products": best_products,
    "customers": best_customers,
}
HEADS: Final = {
    "sales": (lazy_gettext("Period"), lazy_gettext("Orders")),
    "payments": (lazy_gettext("Method"), lazy_gettext("Orders")),
    "products": (lazy_gettext("Product"), lazy_gettext("Sold")),
    "customers": (lazy_gettext("Customer"), lazy_gettext("Orders")),
    "points": (lazy_gettext("Who bought"), lazy_gettext("Orders")),
}


class ReportQuery:
    """Which report, over which days, and the days before that it is compared with."""

    def __init__(self) -> None:
        report, span = request.args.get("report", ""), request.args.get("span", "")
        self.report = report if report in REPORTS else "sales"
        self.span = span if span in SPANS else "13w"
        today = day_of(clock.now(), shop_settings().values["shop_timezone"])
        self.parts = parts_of(self.span, today)
        self.whole, self.earlier = Part(self.parts[0].first, today), before(self.parts)

    def part_name(self, part: Part) -> str:
        """Return what a column of the chart is called."""
        if self.span == "1y":
            return str(format_date(part.first, "MMMM y"))
        day = str(format_date(part.first, "d MMM"))
        return _("Week of %(day)s", day=day) if self.span == "13w" else day


@blueprint.get("/reports")
@requires("reports.read")
@reads_replica
def report_show() -> Response:
    """A report with the sales of its days."""
    asked = ReportQuery()
    sales = sum_sales([*asked.parts, asked.earlier])
    each, earlier = sales[:-1], sales[-1]
    page = "staff/reports/show.html"
    return render_page_or_fragment(
        page,
        page,
        asked=asked,
        reports=REPORTS,
        spans=SPAN_NAMES,
        now=sum(each, Sales()),
        earlier=earlier,
        buyers=count_buyers(asked.whole),
        buyers_before=count_buyers(asked.earlier),
        each=list(zip(asked.parts, each, strict=True)),
        chart=draw_bars([(max(0, one.cents) // 100, max(0, one.refunded_cents) // 100) for one in each]),
        heads=HEADS[asked.report],
        rows=_rows(asked, each),
        overview=get_overview(asked.span) if asked.report == "points" else None,
    )


@blueprint.get("/reports.csv")
@requires("lists.export")
@reads_replica
def report_export() -> Response:
    """A report as CSV."""
    asked = ReportQuery()
    rows = _rows(asked, sum_sales(asked.parts) if asked.report == "sales" else [])
    head = [str(word) for word in HEADS[asked.report]] + [_("Sales, %(currency)s", currency=shop_settings().currency)]
    cells: list[list[str | int]] = [[row.name, row.number, format_money(row.cents)] for row in rows]
    return csv_response(f"{asked.report}-{asked.whole.first}-{asked.whole.last}", head, cells, plain=[1, 2])


def _rows(asked: ReportQuery, each: list[Any]) -> list[ReportRow]:
    if asked.report == "sales":
        pairs = zip(asked.parts, each, strict=True)
        return [ReportRow(asked.part_name(part), None, one.orders, one.cents) for part, one in pairs]
    if asked.report == "points":
        members, others = members_and_others(asked.whole)
        return [members._replace(name=_("Customers with points")), others._replace(name=_("Everybody else"))]
    rows = TABLES[asked.report](asked.whole)
    return [row._replace(name=row.name or _("Not given")) for row in rows]
