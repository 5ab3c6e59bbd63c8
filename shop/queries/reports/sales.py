"""Sales by period, from an index alone (``ix_orders_sales``).

Sales are paid orders that were not cancelled, by the day of the order, less refunds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, ScalarSelect, case, func, select

from shop.db.session import db
from shop.domain.dates.date_ranges import Part
from shop.domain.dates.days import end_of, start_of
from shop.domain.money import half_up, smallest_amount
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.models import Customer, Order
from shop.queries.ledger.totals import shop_zone
from shop.queries.time_ranges import time_ranges

PAID: Final = (PaymentStatus.PAID, PaymentStatus.REFUNDED)


@dataclass(frozen=True, slots=True)
class Sales:
    """The number of orders in a period and their amounts in minor units."""

    orders: int = 0
    gross_cents: int = 0
    refunded_cents: int = 0

    @property
    def cents(self) -> int:
        """Sales net of refunds."""
        return self.gross_cents - self.refunded_cents

    def average_cents(self, currency: str) -> int:
        """Return the average order, rounded half up to the smallest amount of the currency; 0 without orders."""
        unit = smallest_amount(currency)
        return half_up(self.cents, self.orders * unit) * unit if self.orders else 0

    def __add__(self, other: "Sales") -> "Sales":
        return Sales(
            self.orders + other.orders,
            self.gross_cents + other.gross_cents,
            self.refunded_cents + other.refunded_cents,
        )


def sold(since: Any, until: Any) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of sales in a period."""
    return (
        Order.payment_status.in_(PAID),
        Order.order_date >= since,
        Order.order_date < until,
        Order.status != OrderStatus.CANCELLED,
    )


def sum_sales(parts: Sequence[Part]) -> list[Sales]:
    """Return the sales of each part, in the shop's time zone, in order."""
    zone = shop_zone()
    return sum_sales_between([(start_of(part.first, zone), end_of(part.last, zone)) for part in parts])


def sum_sales_between(times: Sequence[tuple[datetime, datetime]]) -> list[Sales]:
    """Return the sales of each time range, the end exclusive, in order."""
    part = time_ranges(times)
    sums = (_sum(figure, part) for figure in (func.count(), _total(Order.total_cents), _total(Order.refunded_cents)))
    rows = db.session.execute(select(part.c.number, *sums).order_by(part.c.number))
    return [Sales(*(int(found) for found in row[1:])) for row in rows]


def _total(money: Any) -> ColumnElement[int]:
    return func.coalesce(func.sum(money), 0)


def _sum(figure: ColumnElement[int], part: Any) -> ScalarSelect[Any]:
    found = select(figure).select_from(Order).where(*sold(part.c.since, part.c.until))
    return found.correlate(part).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Buyers:
    """The number of customers who bought: new ones and returning ones."""

    new: int
    returning: int


def count_buyers(part: Part) -> Buyers:
    """Return how many customers bought in a period; new are those added since it began."""
    zone = shop_zone()
    since, until = start_of(part.first, zone), end_of(part.last, zone)
    bought = select(Order.customer_id.label("id")).where(*sold(since, until), Order.customer_id.is_not(None)).distinct()
    who = bought.subquery("who")
    is_new = func.coalesce(func.sum(case((Customer.created_at >= since, 1), else_=0)), 0)
    found = select(func.count(), is_new).select_from(who).join(Customer, Customer.id == who.c.id)
    every, new = db.session.execute(found).one()
    return Buyers(int(new), every - int(new))
