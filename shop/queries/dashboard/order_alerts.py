"""Orders without their points, and unpaid orders that hold points."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, TextClause, select, text
from sqlalchemy.orm import joinedload

from shop.db.session import db
from shop.models import Order
from shop.models.orders.order import HOLDS_POINTS
from shop.queries.dashboard.alert_rows import COUNTED, LOOKED_BACK_DAYS, Found, sum_points
from shop.services import clock
from shop.services.loyalty.award_rule import MAY_MISS_POINTS, decide_award, misses_points
from shop.services.shops.settings import ShopSettings

UNPAID_AFTER: Final = timedelta(days=2)


class OrderAtStake(NamedTuple):
    """An order and the points it should have earned, or holds."""

    id: int
    order_number: str
    name: str
    points: int
    date: datetime
    reason: str | None


def find_missed_points(settings: ShopSettings) -> Found[OrderAtStake]:
    """Return recent orders that should have earned points and have none; none while loyalty is off."""
    if not settings.rules.enabled:
        return Found()
    since = clock.now() - timedelta(days=LOOKED_BACK_DAYS)
    rows = []
    for order in _orders(MAY_MISS_POINTS, Order.order_date >= since):
        if misses_points(order):
            rows.append(_at_stake(order, decide_award(order, enabled=True).points))
    return sum_points(rows)


def find_unpaid() -> Found[OrderAtStake]:
    """Return orders that are unpaid for long and hold redeemed points."""
    orders = _orders(text(HOLDS_POINTS), Order.order_date < clock.now() - UNPAID_AFTER)
    return sum_points([_at_stake(order, order.points_redeemed - order.points_returned) for order in orders])


def _orders(condition: TextClause, when: ColumnElement[bool]) -> list[Order]:
    """Return the newest orders for which an index's condition holds, with their customers."""
    newest = select(Order.id).where(condition, when).order_by(Order.order_date.desc()).limit(COUNTED)
    ids = list(db.session.scalars(newest))
    orders = db.session.scalars(select(Order).where(Order.id.in_(ids)).options(joinedload(Order.customer)))
    return sorted(orders, key=lambda order: (order.order_date, order.id), reverse=True) if ids else []


def _at_stake(order: Order, points: int) -> OrderAtStake:
    name = order.customer.full_name if order.customer is not None else ""
    return OrderAtStake(order.id, order.order_number, name, points, order.order_date, order.no_award_reason)
