"""Figures that show what changing a setting of the store affects."""

from datetime import timedelta

from sqlalchemy import func, select

from shop.db.session import db
from shop.models import Order, PaymentMethod, Product
from shop.services import clock


def summarize_prices() -> tuple[int, int]:
    """Return how many products there are, and the highest price in minor units."""
    count, dearest = db.session.execute(select(func.count(Product.id), func.max(Product.price_cents))).one()
    return count, int(dearest or 0)


def is_last_method(code: str) -> bool:
    """Return whether a payment method is the only enabled one."""
    codes = db.session.scalars(select(PaymentMethod.code).where(PaymentMethod.enabled)).all()
    return list(codes) == [code]


def summarize_sales(days: int = 30) -> tuple[int, int]:
    """Return how many orders were placed in the last days, and their total in minor units."""
    since = clock.now() - timedelta(days=days)
    found = select(func.count(Order.id), func.sum(Order.total_cents)).where(Order.order_date >= since)
    count, total = db.session.execute(found).one()
    return count, int(total or 0)
