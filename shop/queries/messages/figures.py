"""Figures of a month's messages by channel, and the newest messages, without people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, func, select

from shop.db.session import db
from shop.models import MessageDelivery, OutboxMessage

PER_CENT = 100
"""Ten-thousandths in a hundredth."""
SENT = ("accepted", "delivered", "failed")


@dataclass(frozen=True, slots=True)
class ChannelFigures:
    """A channel's messages of a month; ``delivered`` and ``failed`` have a final report."""

    sent: int
    delivered: int
    failed: int
    refused: int
    cost_cents: int
    currency: str

    @property
    def delivery_rate(self) -> int | None:
        """The share of the messages with a final report that were delivered, in tenths of a per cent, rounded down."""
        reported = self.delivered + self.failed
        return self.delivered * 1000 // reported if reported else None


class ListedMessage(NamedTuple):
    """A message without its recipient; ``delivery`` is the state on a channel to phones."""

    id: int
    kind: str
    channel: str
    state: str
    attempts: int
    error: str | None
    created_at: datetime
    delivery: str | None
    reason: str | None
    cost_e4: int | None
    segments: int | None
    may_repeat: bool | None


def get_channel_figures(since: datetime) -> dict[str, ChannelFigures]:
    """Return the figures of the messages to phones since a time, by channel; a cost is rounded up to a cent."""
    row = MessageDelivery
    counted = select(
        row.channel,
        func.count(row.id).filter(row.state.in_(SENT)),
        func.count(row.id).filter(row.state == "delivered"),
        func.count(row.id).filter(row.state == "failed"),
        func.count(row.id).filter(row.state == "refused"),
        func.coalesce(func.sum(row.cost_e4), 0),
        func.max(row.currency),
    )
    found = db.session.execute(counted.where(row.created_at >= since).group_by(row.channel))
    return {
        channel: ChannelFigures(sent, delivered, failed, refused, -(-int(cost or 0) // PER_CENT), currency or "")
        for channel, sent, delivered, failed, refused, cost, currency in found
    }


def list_newest_messages(count: int = 50) -> Sequence[ListedMessage]:
    """Return the newest messages of the outbox."""
    row, sent = OutboxMessage, MessageDelivery
    own = and_(sent.outbox_id == row.id, sent.channel == row.channel, sent.shop_id == row.shop_id)
    columns = (row.id, row.kind, row.channel, row.state, row.attempts, row.last_error, row.created_at)
    more = (sent.state, sent.reason, sent.cost_e4, sent.segments, sent.may_repeat)
    found = select(*columns, *more).outerjoin(sent, own).order_by(row.id.desc()).limit(count)
    return [ListedMessage._make(values) for values in db.session.execute(found)]
