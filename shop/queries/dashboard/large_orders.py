"""Unpaid orders that hold unusually much stock."""

from typing import NamedTuple

from sqlalchemy import func, select, text

from shop.db.session import db
from shop.models import Customer, Order, OrderItem
from shop.models.orders.order import AWAITS_CONFIRMATION


class LargeOrder(NamedTuple):
    """An unpaid, unconfirmed order, and how many pieces of one article it holds."""

    id: int
    order_number: str
    name: str
    pieces: int


def find_large_orders(least: int, limit: int) -> list[LargeOrder]:
    """Return the newest unconfirmed orders of guests or on delivery with ``least`` pieces of an article or more."""
    pieces = func.max(OrderItem.quantity)
    waiting = select(Order.id).where(text(AWAITS_CONFIRMATION))
    statement = (
        select(Order.id, Order.order_number, Customer, pieces)
        .join(OrderItem, OrderItem.order_id == Order.id)
        .outerjoin(Customer, Customer.id == Order.customer_id)
        .where(Order.id.in_(waiting), OrderItem.took_stock.is_(True))
        .group_by(Order.id, Customer.id)
        .having(pieces >= least)
        .order_by(Order.id.desc())
        .limit(limit)
    )
    rows = db.session.execute(statement)
    return [LargeOrder(id, number, customer.full_name if customer else "", most) for id, number, customer, most in rows]
