"""The received payments of a day, or those that wait, with what each pays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, func, or_, select

from shop.db.session import db
from shop.db.upsert import like_fragment
from shop.domain.customers.contact import full_name
from shop.domain.dates.days import end_of, start_of
from shop.domain.money import parse_money
from shop.domain.payments.mpesa_values import CURRENCY
from shop.domain.payments.received import TO_DECIDE, ReceivedState
from shop.models import Customer, Order, ReceivedPayment, TillSale
from shop.services.customers.records import clean_phone
from shop.services.errors import InvalidInput
from shop.services.payments.received import payment_not_found

ROWS: Final = 50


@dataclass(frozen=True, slots=True)
class PaymentFilters:
    """``day`` is one of the shop's time zone; None for all that wait, whatever their day. ``state`` may be ``wait``."""

    zone: str
    day: date | None = None
    state: str | None = None
    search: str = ""


class PaymentRow(NamedTuple):
    """A received payment with the order or sale that it pays or names."""

    payment: ReceivedPayment
    order_number: str | None
    total_cents: int | None
    points: int
    customer_id: int | None
    customer_name: str | None
    is_sale: bool


def list_payments(filters: PaymentFilters, page: int = 1) -> tuple[list[PaymentRow], bool]:
    """Return a page of payments, newest first, and whether there are more."""
    row = ReceivedPayment
    found = _rows().where(*_conditions(filters)).order_by(row.paid_at.desc(), row.id.desc())
    rows = [_row(each) for each in db.session.execute(found.limit(ROWS + 1).offset((page - 1) * ROWS))]
    return rows[:ROWS], len(rows) > ROWS


def get_payment_row(payment_id: int) -> PaymentRow:
    """Return a received payment. Raise NotFound."""
    found = db.session.execute(_rows().where(ReceivedPayment.id == payment_id)).first()
    if found is None:
        raise payment_not_found()
    return _row(found)


def count_waiting() -> int:
    """Return how many payments wait for a person."""
    waits = select(func.count(ReceivedPayment.id)).where(ReceivedPayment.state.in_(TO_DECIDE))
    return db.session.scalars(waits).one()


def on_day(column: Any, day: date, zone: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions that a time is on a day in a time zone."""
    return column >= start_of(day, zone), column < end_of(day, zone)


def _conditions(filters: PaymentFilters) -> list[ColumnElement[bool]]:
    row = ReceivedPayment
    conditions = list(on_day(row.paid_at, filters.day, filters.zone)) if filters.day is not None else []
    if filters.day is None and not filters.search:
        conditions.append(row.state.in_(TO_DECIDE))
    if filters.state == "wait":
        conditions.append(row.state.in_((*TO_DECIDE, ReceivedState.RECEIVED)))
    elif filters.state:
        conditions.append(row.state == filters.state)
    if filters.search:
        conditions.append(or_(*_found(filters.search)))
    return conditions


def _found(typed: str) -> Sequence[ColumnElement[bool]]:
    row = ReceivedPayment
    found = [row.transaction_id == typed.upper(), row.payer_name.ilike(like_fragment(typed), escape="\\")]
    found.append(row.account.ilike(like_fragment(typed), escape="\\"))
    for read, column in ((clean_phone, row.phone), (_shillings, row.amount_cents)):
        try:
            found.append(column == read(typed.replace(",", "") if column is row.amount_cents else typed))
        except (ValueError, InvalidInput):
            continue
    return found


def _shillings(typed: str) -> int:
    return parse_money(typed, CURRENCY)


def _rows() -> Select[Any]:
    sale = select(TillSale.id).where(TillSale.shop_id == Order.shop_id, TillSale.order_id == Order.id).exists()
    names = (Customer.first_name, Customer.last_name, Customer.email, Customer.phone)
    points = Order.points_earned - Order.points_taken_back
    columns: tuple[Any, ...] = (
        ReceivedPayment,
        Order.order_number,
        Order.total_cents,
        points,
        Customer.id,
        *names,
        sale,
    )
    found = select(*columns).select_from(ReceivedPayment).outerjoin(Order, Order.id == ReceivedPayment.order_id)
    return found.outerjoin(Customer, Customer.id == Order.customer_id)


def _row(found: Any) -> PaymentRow:
    payment, number, total, points, customer_id, *names, is_sale = found
    name = full_name(*names) if customer_id is not None else None
    return PaymentRow(payment, number, total, points or 0, customer_id, name, bool(is_sale))


class UnconfirmedReceipt(NamedTuple):
    """A sale at the till with the receipt of a payment that M-Pesa has not confirmed."""

    reference: str
    order_id: int
    amount_cents: int
    taken_at: datetime
