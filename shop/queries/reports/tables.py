"""Reports as tables: products, customers, payment methods, members and others.

Sums are cast to integers: PostgreSQL sums BIGINT as NUMERIC.
"""

from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, and_, case, exists, func, select, union_all

from shop.db.session import db
from shop.domain.customers.contact import full_name
from shop.domain.dates.date_ranges import Part
from shop.domain.dates.days import end_of, start_of
from shop.domain.statuses import PaymentStatus
from shop.models import Customer, LoyaltyAccount, Order, OrderItem, OrderTransaction
from shop.queries.ledger.totals import shop_zone
from shop.queries.reports.sales import sold
from shop.services.orders.fulfilment.undo import VOIDED

MOST: Final = 100


class ReportRow(NamedTuple):
    """A row of a report: its name, its id if it has a page, a number, and money in minor units."""

    name: str
    id: int | None
    number: int
    cents: int


def sold_in(part: Part) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of sales in a period."""
    zone = shop_zone()
    return sold(start_of(part.first, zone), end_of(part.last, zone))


def best_products(part: Part, limit: int = MOST) -> list[ReportRow]:
    """Return the products with the highest sales in a period, without refunded pieces.

    An order refunded in full has none left, however it was refunded; a refund of an amount names no pieces.
    """
    item = OrderItem
    pieces = case((Order.payment_status == PaymentStatus.REFUNDED, 0), else_=item.quantity - item.refunded_quantity)
    number, cents = func.sum(pieces), func.sum(pieces * item.price_cents)
    found = (
        select(item.name, func.max(item.product_id), number, cents)
        .join(Order, Order.id == item.order_id)
        .where(*sold_in(part))
        .group_by(item.name)
        .having(number > 0)
        .order_by(cents.desc(), item.name)
    )
    rows = db.session.execute(found.limit(limit))
    return [ReportRow(name, product_id, int(count), int(money)) for name, product_id, count, money in rows]


def best_customers(part: Part, limit: int = MOST) -> list[ReportRow]:
    """Return the customers who spent most in a period: orders and money."""
    cents = func.sum(Order.total_cents - Order.refunded_cents)
    number = func.count()
    by_customer = (
        select(Order.customer_id.label("id"), number.label("number"), cents.label("cents"))
        .where(*sold_in(part), Order.customer_id.is_not(None))
        .group_by(Order.customer_id)
        .order_by(cents.desc(), Order.customer_id)
        .limit(limit)
        .subquery("by_customer")
    )
    who: Any = (Customer.first_name, Customer.last_name, Customer.email, Customer.phone)
    found = select(*who, by_customer.c.id, by_customer.c.number, by_customer.c.cents).join(
        by_customer, by_customer.c.id == Customer.id
    )
    ordered = found.order_by(by_customer.c.cents.desc(), by_customer.c.id)
    return [ReportRow(full_name(*row[:4]), row[4], row[5], int(row[6])) for row in db.session.execute(ordered)]


def payments_by_method(part: Part) -> list[ReportRow]:
    """Return the payments of a period's orders by method; the name is empty if none was given."""
    row = OrderTransaction
    is_payment = and_(row.kind == "payment", row.status != VOIDED)
    payments = select(func.coalesce(row.method, "").label("method"), row.order_id, row.amount_cents.label("cents"))
    payments = payments.join(Order, Order.id == row.order_id).where(*sold_in(part), is_payment)
    has_payment = exists().where(row.shop_id == Order.shop_id, row.order_id == Order.id, is_payment)
    others = select(func.coalesce(Order.payment_method, ""), Order.id, Order.total_cents)  # as cash at the till
    others = others.where(*sold_in(part), ~has_payment, Order.total_cents > 0)
    paid = union_all(payments, others).subquery()
    cents = func.sum(paid.c.cents)
    found = select(paid.c.method, func.count(func.distinct(paid.c.order_id)), cents).group_by(paid.c.method)
    ordered = found.order_by(cents.desc(), paid.c.method)
    return [ReportRow(one[0], None, one[1], int(one[2])) for one in db.session.execute(ordered)]


def members_and_others(part: Part) -> tuple[ReportRow, ReportRow]:
    """Return orders and money of customers with points, and of everyone else."""
    cents, account = Order.total_cents - Order.refunded_cents, LoyaltyAccount.id
    of_members = func.sum(case((account.is_not(None), cents), else_=0))
    found = (
        select(func.count(), func.coalesce(func.sum(cents), 0), func.count(account), func.coalesce(of_members, 0))
        .select_from(Order)
        .outerjoin(LoyaltyAccount, LoyaltyAccount.customer_id == Order.customer_id)
        .where(*sold_in(part))
    )
    every, money, own, own_money = (int(figure) for figure in db.session.execute(found).one())
    return ReportRow("", None, own, own_money), ReportRow("", None, every - own, money - own_money)
