"""Scheduled work of a shop in the next twelve months, in order."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import select, text

from shop.db.session import db
from shop.models import Coupon, Order, OutboxMessage
from shop.models.orders.order import AWAITS_CONFIRMATION, AWAITS_PAYMENT
from shop.services import clock

SPAN: Final = timedelta(days=366)
MOST: Final = 20


class Upcoming(NamedTuple):
    """Something that will happen: when, what kind of thing, and to what; ``order_id`` of an order."""

    at: datetime
    kind: str
    subject: str
    order_id: int | None = None


def list_upcoming() -> list[Upcoming]:
    """Return what will happen, up to 20 things."""
    now = clock.now()
    found = [*_orders(now), *_coupons(now), *_messages(now)]
    return sorted(found, key=lambda one: (one.at, one.kind))[:MOST]


def _orders(now: datetime) -> Iterator[Upcoming]:
    row, first = Order, dict[int, Upcoming]()
    for awaits, deadline in ((AWAITS_PAYMENT, row.pay_by), (AWAITS_CONFIRMATION, row.confirm_by)):
        due = select(row.id, row.order_number, deadline.label("at")).where(text(awaits), deadline > now)
        for one in db.session.execute(due.order_by(deadline).limit(MOST)):
            ends = Upcoming(one.at, "order_ends", one.order_number, one.id)
            first[one.id] = min(ends, first.get(one.id, ends))
    yield from first.values()


def _coupons(now: datetime) -> Iterator[Upcoming]:
    row = Coupon
    for kind, edge in (("coupon_starts", row.start_date), ("coupon_ends", row.end_date)):
        due = select(row.code, edge.label("at")).where(row.status == "active", edge > now, edge < now + SPAN)
        for one in db.session.execute(due.order_by(edge).limit(MOST)):
            yield Upcoming(one.at, kind, one.code)


def _messages(now: datetime) -> Iterator[Upcoming]:
    row = OutboxMessage
    due = select(row.recipient, row.due_at).where(row.state == "waiting", row.due_at > now, row.recipient.is_not(None))
    for one in db.session.execute(due.order_by(row.due_at).limit(MOST)):
        yield Upcoming(one.due_at, "message", one.recipient or "")
