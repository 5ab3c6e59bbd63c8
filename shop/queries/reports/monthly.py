"""The figures of the monthly report."""

from typing import Any, Final

from sqlalchemy import func, select

from shop.db.session import db
from shop.domain.dates.date_ranges import Part
from shop.models import Order
from shop.queries.reports.sales import Sales, count_buyers, sum_sales
from shop.queries.reports.tables import best_products, sold_in
from shop.services.shops.settings import get_settings

BEST: Final = 5


def get_monthly_figures(month: Part, before: Part) -> dict[str, Any]:
    """Return the figures of a month and of the one before, as JSON values; amounts in minor units.

    ``points_cents`` is the discount that redeemed points gave in the month's sales.
    """
    now, then = sum_sales([month, before])
    buyers = count_buyers(month)
    points, cents = db.session.execute(
        select(
            func.coalesce(func.sum(Order.points_redeemed), 0), func.coalesce(func.sum(Order.points_discount_cents), 0)
        ).where(*sold_in(month))
    ).one()
    return {
        "sales": _figures(now),
        "sales_before": _figures(then),
        "new_customers": buyers.new,
        "returning_customers": buyers.returning,
        "points_redeemed": int(points),
        "points_cents": int(cents),
        "products": [[row.name, row.number, row.cents] for row in best_products(month, BEST)],
    }


def _figures(sales: Sales) -> dict[str, int]:
    return {"orders": sales.orders, "cents": sales.cents, "average_cents": sales.average_cents(get_settings().currency)}
