"""The report and period in a URL."""

from typing import Final

from flask import request
from flask_babel import format_date, lazy_gettext
from flask_babel import gettext as _

from shop.domain.dates.date_ranges import SPANS, Part, before, parts_of
from shop.domain.dates.days import day_of
from shop.services import clock
from shop.web.pages.formats import shop_settings

REPORTS: Final = {
    "sales": lazy_gettext("Sales"),
    "taxes": lazy_gettext("Taxes"),
    "payments": lazy_gettext("Payments"),
    "products": lazy_gettext("Products"),
    "customers": lazy_gettext("Customers"),
    "staff": lazy_gettext("Staff"),
    "points": lazy_gettext("Points"),
    "cohorts": lazy_gettext("Members by month"),
}
SPAN_NAMES: Final = {
    "30d": lazy_gettext("Last 30 days"),
    "13w": lazy_gettext("Last 13 weeks"),
    "1y": lazy_gettext("Last 12 months"),
}


class ReportRequest:
    """A report, its days, and the days before for comparison."""

    def __init__(self) -> None:
        report, span = request.args.get("report", ""), request.args.get("span", "")
        self.report = report if report in REPORTS else "sales"
        self.span = span if span in SPANS else "13w"
        self.today = day_of(clock.now(), shop_settings().values["shop_timezone"])
        self.parts = parts_of(self.span, self.today)
        self.whole, self.earlier = Part(self.parts[0].first, self.today), before(self.parts)

    @property
    def file_name(self) -> str:
        """Return the report's file name without its extension."""
        return f"{self.report}-{self.whole.first}-{self.whole.last}"

    def part_name(self, part: Part) -> str:
        """Return the label of a column in the chart."""
        if self.span == "1y":
            return month_name(part)
        day = str(format_date(part.first, "d MMM"))
        return _("Week of %(day)s", day=day) if self.span == "13w" else day


def month_name(part: Part) -> str:
    """Return the name of a month."""
    return str(format_date(part.first, "MMMM y"))
