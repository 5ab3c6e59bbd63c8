"""Events and messages of a sandbox shop since its clock was last moved."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from shop.db.session import db
from shop.models import Event, SandboxMessage


class SinceMove(NamedTuple):
    """How many events of each type there are, in the order of their first, and how many messages."""

    events: dict[str, int]
    messages: int


def count_since(moment: datetime) -> SinceMove:
    """Return what happened since a moment."""
    row = Event
    by_type = select(row.type, func.count().label("number")).where(row.created_at >= moment).group_by(row.type)
    found = db.session.execute(by_type.order_by(func.min(row.id)))
    messages = select(func.count()).select_from(SandboxMessage).where(SandboxMessage.sent_at >= moment)
    return SinceMove({each.type: each.number for each in found}, db.session.scalars(messages).one())
