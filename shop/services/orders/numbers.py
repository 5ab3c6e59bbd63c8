"""Order numbers such as ``ORD-261123-7KQ4F``: the shop's day and five letters that are hard to misread."""

import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from shop.db.session import db
from shop.models import Order

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def draw_order_number(placed_at: datetime, timezone: str) -> str:
    """A number of a shop's day, most likely one that no order has yet."""
    day = placed_at.astimezone(ZoneInfo(timezone)).strftime("%y%m%d")
    return f"ORD-{day}-{''.join(secrets.choice(LETTERS) for _ in range(5))}"


def new_order_number(placed_at: datetime, timezone: str) -> str:
    """A number that no order of the shop has yet; the unique key stands behind."""
    while True:
        number = draw_order_number(placed_at, timezone)
        if db.session.scalars(select(Order.id).where(Order.order_number == number)).first() is None:
            return number
