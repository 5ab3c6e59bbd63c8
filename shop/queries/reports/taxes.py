"""Taxes of a period by class and rate, less refunds."""

from typing import NamedTuple

from sqlalchemy import exists, func, select

from shop.db.session import db
from shop.domain.dates.date_ranges import Part
from shop.models import Order, OrderTaxLine
from shop.queries.reports.tables import sold_in


class TaxRow(NamedTuple):
    """Sales of a class at a rate (hundredths of a per cent); ``code`` is empty for orders without classes."""

    code: str
    name: str
    rate: int
    orders: int
    net_cents: int
    tax_cents: int


def taxes_by_rate(part: Part) -> list[TaxRow]:
    """Return the taxes of a period's paid orders by class, and of orders without classes as recorded."""
    line = OrderTaxLine
    net = func.sum(line.net_cents - line.refunded_net_cents)
    tax = func.sum(line.tax_cents - line.refunded_tax_cents)
    found = (
        select(line.code, line.name, line.rate, func.count(), net, tax)
        .join(Order, Order.id == line.order_id)
        .where(*sold_in(part))
        .group_by(line.code, line.name, line.rate)
        .order_by(line.code, line.rate, line.name)
    )
    rows = [TaxRow(*row[:4], int(row[4]), int(row[5])) for row in db.session.execute(found)]
    others = _without_classes(part)
    return [*rows, others] if others.orders else rows


def _without_classes(part: Part) -> TaxRow:
    """Return the orders without classes; a partial refund reduces their tax in proportion, rounded down."""
    has_lines = exists().where(OrderTaxLine.shop_id == Order.shop_id, OrderTaxLine.order_id == Order.id)
    left, tax = Order.total_cents - Order.refunded_cents, func.coalesce(func.sum(Order.tax_cents), 0)
    sums = (func.count(), func.coalesce(func.sum(left), 0), tax)
    orders, cents, taxed = db.session.execute(select(*sums).where(*sold_in(part), ~has_lines)).one()
    return TaxRow("", "", 0, orders, int(cents) - int(taxed), int(taxed))
