"""The tables of the reports, on the page, as CSV and as PDF."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from flask import url_for
from flask_babel import gettext as _

from shop.domain.dates.date_ranges import parts_of
from shop.domain.formats import group_digits
from shop.domain.money import format_money
from shop.queries.reports.cohorts import member_cohorts
from shop.queries.reports.sales import sum_sales
from shop.queries.reports.staff import StaffRow, staff_figures
from shop.queries.reports.tables import (
    ReportRow,
    best_customers,
    best_products,
    members_and_others,
    payments_by_method,
)
from shop.queries.reports.taxes import TaxRow, taxes_by_rate
from shop.staff.reports.period import ReportRequest, month_name
from shop.staff.status_names import name_of
from shop.web.pages.formats import money, shop_settings


class ReportColumn(NamedTuple):
    """A heading, and the type of its cells: ``text``, ``count`` or ``money`` in minor units."""

    label: str
    kind: str


class ReportLine(NamedTuple):
    """The cells of a row, one for each column, and the link of its name."""

    cells: tuple[Any, ...]
    href: str = ""


@dataclass(frozen=True, slots=True)
class ReportTable:
    """Columns and rows; the first column is the row's name."""

    columns: Sequence[ReportColumn]
    lines: Sequence[ReportLine]

    @property
    def totals(self) -> list[Any]:
        """Return the totals of numeric columns, empty for text, without the first column."""
        return [
            "" if column.kind == "text" else sum(line.cells[place] for line in self.lines)
            for place, column in enumerate(self.columns)
        ][1:]

    def shown(self, place: int, cell: Any) -> str:
        """Return a cell of a column for display."""
        kind = self.columns[place].kind
        return money(cell) if kind == "money" and cell != "" else _counted(cell)

    @property
    def csv_rows(self) -> list[list[str | int]]:
        """Return the rows for a file: numbers without separators."""
        kinds, currency = [column.kind for column in self.columns], shop_settings().currency
        return [
            [
                format_money(cell, currency) if kind == "money" else cell
                for kind, cell in zip(kinds, line.cells, strict=True)
            ]
            for line in self.lines
        ]


def _counted(cell: Any) -> str:
    return group_digits(cell) if isinstance(cell, int) else str(cell)


def build_table(asked: ReportRequest) -> ReportTable:
    """Return the table of a report."""
    return _BUILDERS[asked.report](asked)


def _columns(name: str, *counts: str, money: Sequence[str] = ()) -> list[ReportColumn]:
    numbers = [ReportColumn(one, "count") for one in counts]
    return [ReportColumn(name, "text"), *numbers, *(ReportColumn(one, "money") for one in money)]


def _sales_head() -> str:
    return _("Sales, %(currency)s", currency=shop_settings().currency)


def _sales(asked: ReportRequest) -> ReportTable:
    pairs = zip(asked.parts, sum_sales(asked.parts), strict=True)
    lines = [ReportLine((asked.part_name(part), one.orders, one.cents)) for part, one in pairs]
    return ReportTable(_columns(_("Period"), _("Orders"), money=[_sales_head()]), lines)


def _payments(asked: ReportRequest) -> ReportTable:
    before = {row.name: row.cents for row in payments_by_method(asked.earlier)}
    lines = [
        ReportLine((row.name or _("Not given"), row.number, row.cents, before.get(row.name, 0)))
        for row in payments_by_method(asked.whole)
    ]
    return ReportTable(_columns(_("Method"), _("Orders"), money=[_sales_head(), _("Days before")]), lines)


def _products(asked: ReportRequest) -> ReportTable:
    return _named(best_products(asked.whole), _columns(_("Product"), _("Sold"), money=[_sales_head()]))


def _customers(asked: ReportRequest) -> ReportTable:
    columns = _columns(_("Customer"), _("Orders"), money=[_sales_head()])
    return _named(best_customers(asked.whole), columns, lambda found: url_for("staff.customer_show", customer_id=found))


def _named(
    rows: Sequence[ReportRow], columns: list[ReportColumn], page_of: Callable[[int], str] | None = None
) -> ReportTable:
    lines = []
    for row in rows:
        href = page_of(row.id) if page_of and row.id else ""
        lines.append(ReportLine((row.name or _("Not given"), row.number, row.cents), href))
    return ReportTable(columns, lines)


def _points(asked: ReportRequest) -> ReportTable:
    members, others = members_and_others(asked.whole)
    rows = [members._replace(name=_("Customers with points")), others._replace(name=_("Everyone else"))]
    return _named(rows, _columns(_("Who bought"), _("Orders"), money=[_sales_head()]))


def _taxes(asked: ReportRequest) -> ReportTable:
    before = {(row.code, row.name, row.rate): row.tax_cents for row in taxes_by_rate(asked.earlier)}
    lines = [
        ReportLine((*_class_of(row), row.orders, row.net_cents, row.tax_cents, before.get(row[:3], 0)))
        for row in taxes_by_rate(asked.whole)
    ]
    heads = [_("Without tax"), _("Tax"), _("Tax in the days before")]
    columns = _columns(_("Class"), _("Orders"), money=heads)
    columns.insert(1, ReportColumn(_("Rate, per cent"), "text"))
    return ReportTable(columns, lines)


def _class_of(row: TaxRow) -> tuple[str, str]:
    if not row.code:
        return _("Without tax classes"), ""
    return f"{row.code} {row.name}", f"{row.rate / 100:g}"


def _staff(asked: ReportRequest) -> ReportTable:
    before = {(row.kind, row.name): row.sales_cents for row in staff_figures(asked.earlier)}
    lines = []
    for row in staff_figures(asked.whole):
        money_cells = (row.sales_cents, row.discount_cents, row.refunded_cents, before.get((row.kind, row.name), 0))
        lines.append(ReportLine((_who(row), row.orders, row.points, *money_cells)))
    money = [_sales_head(), _("Discounts"), _("Refunds"), _("Sales in the days before")]
    return ReportTable(_columns(_("Staff"), _("Orders taken"), _("Points adjusted"), money=money), lines)


def _who(row: StaffRow) -> str:
    names = {"storefront": name_of("order_source", "storefront"), "customer": _("Customer")}
    return names.get(row.kind) or row.name or _("Not given")


def _cohorts(asked: ReportRequest) -> ReportTable:
    lines = [
        ReportLine((month_name(row.part), row.members, row.came_back, row.points, row.spent_cents))
        for row in member_cohorts(parts_of("1y", asked.today))
        if row.members
    ]
    heads = (_("Joined"), _("Members"), _("Ordered again"), _("Points held"))
    return ReportTable(_columns(*heads, money=[_("Spent in all")]), lines)


_BUILDERS: Final[dict[str, Callable[[ReportRequest], ReportTable]]] = {
    "sales": _sales,
    "taxes": _taxes,
    "payments": _payments,
    "products": _products,
    "customers": _customers,
    "staff": _staff,
    "points": _points,
    "cohorts": _cohorts,
}
