"""A day's reconciliation: statement, received payments, orders and points side by side, and what differs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import func, select

from shop.db.session import db
from shop.domain.payments.received import SETTLED, ReceivedState
from shop.models import Order, ReceivedPayment, TillSale
from shop.queries.payments.received import UnconfirmedReceipt, on_day

SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Sum:
    """How many payments, and their amount in minor units."""

    count: int = 0
    cents: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """A day's payments. ``apart`` has the sums by state of those that pay nothing.

    ``other_amount_cents`` is by how much matched payments exceed what their orders cost. ``not_in_statement`` counts
    those that an uploaded statement of the day does not have, ``differing`` those with another amount there.
    """

    statement: Sum
    received: Sum
    paid: Sum
    points: int
    apart: Mapping[ReceivedState, Sum]
    other_amount_cents: int
    not_in_statement: int
    differing: int
    unconfirmed: tuple[UnconfirmedReceipt, ...]

    @property
    def difference_cents(self) -> int:
        """The amount received less the amount it pays."""
        return self.received.cents - self.paid.cents

    @property
    def open_differences(self) -> int:
        """How many payments and receipts a person has to look at."""
        waiting = sum(each.count for state, each in self.apart.items() if state not in SETTLED)
        return waiting + self.not_in_statement + self.differing + len(self.unconfirmed)


def get_day(day: date, zone: str) -> Day:
    """Return the reconciliation of a day in a time zone."""
    row = ReceivedPayment
    of_day = on_day(row.paid_at, day, zone)
    sums = select(row.state, func.count(row.id), func.sum(row.amount_cents)).where(*of_day).group_by(row.state)
    states = {ReceivedState(state): Sum(count, int(cents)) for state, count, cents in db.session.execute(sums)}
    matched = states.pop(ReceivedState.MATCHED, Sum())
    paid, points = _orders(of_day)
    statement, absent, differing = _statement(of_day)
    received = Sum(
        matched.count + sum(each.count for each in states.values()),
        matched.cents + sum(each.cents for each in states.values()),
    )
    return Day(
        statement=statement,
        received=received,
        paid=paid,
        points=points,
        apart=states,
        other_amount_cents=matched.cents - paid.cents,
        not_in_statement=absent if statement.count else 0,
        differing=differing,
        unconfirmed=tuple(list_unconfirmed(day, zone)),
    )


def _orders(of_day: Any) -> tuple[Sum, int]:
    order, row = Order, ReceivedPayment
    points = func.sum(order.points_earned - order.points_taken_back)
    found = select(func.count(order.id), func.sum(order.total_cents), points).join(row, row.order_id == order.id)
    count, cents, given = db.session.execute(found.where(row.state == ReceivedState.MATCHED, *of_day)).one()
    return Sum(count, int(cents or 0)), int(given or 0)


def _statement(of_day: Any) -> tuple[Sum, int, int]:
    row = ReceivedPayment
    found = select(func.count(row.statement_cents), func.sum(row.statement_cents), func.count(row.id)).where(*of_day)
    count, cents, known = db.session.execute(found).one()
    differs = select(func.count(row.id)).where(*of_day, row.statement_cents != row.amount_cents)
    return Sum(count, int(cents or 0)), known - count, db.session.scalars(differs).one()


def list_unconfirmed(day: date, zone: str) -> list[UnconfirmedReceipt]:
    """Return the M-Pesa sales at the till of a day whose receipt M-Pesa has not confirmed, newest first."""
    sale, row = TillSale, ReceivedPayment
    known = select(row.id).where(row.shop_id == sale.shop_id, row.transaction_id == func.upper(sale.reference)).exists()
    found = select(sale.reference, sale.order_id, sale.amount_cents, sale.taken_at).where(
        *on_day(sale.taken_at, day, zone),
        sale.method == "mpesa",
        sale.reference.is_not(None),
        sale.order_id.is_not(None),
        sale.undone_at.is_(None),
        ~known,
    )
    rows = db.session.execute(found.order_by(sale.taken_at.desc()).limit(SHOWN))
    return [UnconfirmedReceipt._make(each) for each in rows]
