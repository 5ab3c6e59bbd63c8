"""Orders that a received payment may be for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, select

from shop.db.session import db
from shop.domain.customers.contact import full_name
from shop.domain.statuses import OrderStatus
from shop.models import Customer, Order, ReceivedPayment
from shop.services.orders.numbers import parse_order_number
from shop.services.payment_matching.orders import UNPAID, list_fitting_orders

SHOWN: Final = 6


class SuggestedOrder(NamedTuple):
    """An unpaid order."""

    id: int
    order_number: str
    total_cents: int
    order_date: datetime
    customer_id: int | None
    customer_name: str
    phone: str | None


def list_suggested_orders(payment: ReceivedPayment) -> list[SuggestedOrder]:
    """Return the unpaid orders of a payment's amount, and the one that it names."""
    ids = [found.id for found in list_fitting_orders(payment.amount_cents)]
    if payment.order_id is not None:
        ids.append(payment.order_id)
    return _select(Order.id.in_(ids)) if ids else []


def find_orders(typed: str) -> list[SuggestedOrder]:
    """Return the unpaid orders with a number, or its last five characters."""
    number, suffix = parse_order_number(typed)
    if number is not None:
        return _select(Order.order_number == number)
    return _select(Order.number_suffix == suffix) if suffix is not None else []


def _select(condition: ColumnElement[bool]) -> list[SuggestedOrder]:
    names = (Customer.first_name, Customer.last_name, Customer.email, Customer.phone)
    columns: Sequence[Any] = (Order.id, Order.order_number, Order.total_cents, Order.order_date, Customer.id, *names)
    found = select(*columns).outerjoin(Customer, Customer.id == Order.customer_id)
    unpaid = (Order.payment_status.in_(UNPAID), Order.status != OrderStatus.CANCELLED)
    rows = db.session.execute(found.where(condition, *unpaid).order_by(Order.id.desc()).limit(SHOWN))
    return [
        SuggestedOrder._make((*row[:5], full_name(*row[5:9]) if row[4] is not None else "", row[8])) for row in rows
    ]
