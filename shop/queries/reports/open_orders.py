"""Open orders: paid and to pack, and unpaid."""

from typing import NamedTuple

from sqlalchemy import and_, func, not_, select

from shop.db.session import db
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.models import Order


class OpenOrders(NamedTuple):
    """The number of orders to pack and of unpaid orders, and the total of the latter in minor units."""

    to_pack: int
    unpaid: int
    unpaid_cents: int


def count_open_orders() -> OpenOrders:
    """Return the numbers of open orders, each from an index."""
    open_states = Order.status.in_((OrderStatus.PENDING, OrderStatus.PROCESSING))
    is_out = and_(Order.status == OrderStatus.PROCESSING, Order.out_for_delivery_at.is_not(None))
    to_pack = (open_states, Order.payment_status == PaymentStatus.PAID, not_(is_out))
    paid = select(func.count()).select_from(Order).where(*to_pack)
    unpaid = (open_states, Order.payment_status == PaymentStatus.PENDING)
    owed = select(func.count(), func.coalesce(func.sum(Order.total_cents), 0)).where(*unpaid)
    number, cents = db.session.execute(owed).one()
    return OpenOrders(db.session.scalars(paid).one(), number, int(cents))
