"""Reports: sales, taxes, payments, products, customers, staff, points; on a page, as CSV and as PDF."""

from flask import Response, render_template
from flask_babel import lazy_gettext

from shop.domain.charts.bar_chart import draw_bars
from shop.domain.money import minor_units
from shop.queries.dashboard.overview import get_overview
from shop.queries.reports.cohorts import idle_points
from shop.queries.reports.sales import Sales, count_buyers, sum_sales
from shop.staff import blueprint
from shop.staff.permissions import requires
from shop.staff.personal_reads import shows_personal_data
from shop.staff.reports.period import REPORTS, SPAN_NAMES, ReportRequest
from shop.staff.reports.tables import build_table
from shop.web.pages.csv_export import csv_response
from shop.web.pages.formats import shop_settings
from shop.web.pages.htmx import render_page_or_fragment
from shop.web.pages.pdf import pdf_response
from shop.web.pages.view_options import reads_replica

ABOUT = {
    "taxes": lazy_gettext("Paid orders by their day, less the tax that refunds gave back."),
    "products": lazy_gettext(
        "Pieces sold, less refunded ones, at their prices before coupons and points; an order refunded in full counts "
        "none, and a refund of an amount alone changes nothing here."
    ),
    "staff": lazy_gettext(
        "Paid orders and till sales by who took them; refunds and adjusted points by the day they were made."
    ),
    "cohorts": lazy_gettext("By month of the first points: how many ordered at least twice and what they spent."),
}


@blueprint.get("/reports")
@requires("reports.read")
@reads_replica
@shows_personal_data("list:reports")
def report_show() -> Response:
    """Show a report with the sales of its period."""
    asked = ReportRequest()
    sales = sum_sales([*asked.parts, asked.earlier])
    each, earlier = sales[:-1], sales[-1]
    page, unit = "staff/reports/show.html", minor_units(shop_settings().currency)
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
        chart=draw_bars([(max(0, one.cents) // unit, max(0, one.refunded_cents) // unit) for one in each]),
        table=build_table(asked),
        about=ABOUT.get(asked.report),
        overview=get_overview(asked.span) if asked.report == "points" else None,
        idle=idle_points() if asked.report == "points" else None,
    )


@blueprint.get("/reports.csv")
@requires("lists.export")
@reads_replica
def report_export() -> Response:
    """Send a report as CSV."""
    asked = ReportRequest()
    table = build_table(asked)
    plain = [place for place, column in enumerate(table.columns) if column.kind != "text"]
    return csv_response(f"{asked.file_name}", [one.label for one in table.columns], table.csv_rows, plain=plain)


@blueprint.get("/reports.pdf")
@requires("lists.export")
@reads_replica
def report_pdf() -> Response:
    """Send a report as PDF."""
    asked = ReportRequest()
    total = sum(sum_sales(asked.parts), Sales())
    page = render_template(
        "documents/report.html",
        asked=asked,
        name=REPORTS[asked.report],
        about=ABOUT.get(asked.report),
        table=build_table(asked),
        total=total,
        shop=shop_settings().values,
        as_pdf=True,
    )
    return pdf_response(page, asked.file_name)
