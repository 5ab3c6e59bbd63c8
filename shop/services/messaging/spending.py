"""The cost of messages this month, and the shop's limit, which stops those that can wait."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.dates.days import day_of, start_of
from shop.domain.money import ten_thousandths
from shop.models import MessageChannel, MessageDelivery
from shop.services import clock
from shop.services.messaging.channels.base import Refused
from shop.services.shops.settings import get_settings
from shop.services.staff.notices import notify_owners

ESSENTIAL: Final = frozenset(
    {
        "otp_code",
        "join_code",
        "order_placed",
        "order_unpaid",
        "order_note",
        "order_refunded",
        "refund_sent",
        "sms_trial",
    }
)
"""The kinds of messages that are sent above the limit."""
PRICED_BY: Final = 100
"""How many of the newest SMS with a known cost the price of a segment is calculated from."""


class LimitReached(Refused):
    """The shop's limit of the month stops a message."""


@dataclass(frozen=True, slots=True)
class MonthlyLimit:
    """The shop's limit of a month's cost and what was spent, in ten-thousandths."""

    limit_e4: int
    spent_e4: int
    segment_price_e4: int

    @property
    def left_e4(self) -> int:
        """The amount left to spend; below 0 if essential messages went above the limit."""
        return self.limit_e4 - self.spent_e4

    @property
    def is_reached(self) -> bool:
        """Whether the limit stops the next SMS that is not essential."""
        return self.left_e4 < self.segment_price_e4


def get_limit() -> MonthlyLimit | None:
    """Return the session's shop's limit of this month, the setting ``message_monthly_limit``; None without one."""
    limit = ten_thousandths(get_settings().values["message_monthly_limit"])
    if not limit:
        return None
    price = get_segment_price_e4()
    return MonthlyLimit(limit, _sum_costs(month_start(), price), price)


def find_reached_limit() -> MonthlyLimit | None:
    """Return the limit once it is reached; None until then."""
    limit = get_limit()
    return limit if limit is not None and limit.is_reached else None


def _sum_costs(since: datetime, price: int) -> int:
    """Return the cost of the session's shop's messages since a time; a cost not known yet is expected."""
    row = MessageDelivery
    unknown = row.cost_e4.is_(None) & row.state.in_(("sending", "accepted", "delivered")) & (row.channel == "sms")
    sums = select(
        func.coalesce(func.sum(row.cost_e4), 0),
        func.coalesce(func.sum(row.segments).filter(unknown), 0),
    )
    known, segments = db.session.execute(sums.where(row.created_at >= since)).one()
    return int(known or 0) + int(segments or 0) * price


def get_segment_price_e4() -> int:
    """Return what a segment of an SMS costs: by the newest ones, else the setting ``sms_segment_price``."""
    row = MessageDelivery
    priced = row.channel == "sms", row.cost_e4 > 0, row.segments > 0
    newest = select(row.cost_e4, row.segments).where(*priced).order_by(row.id.desc()).limit(PRICED_BY).subquery()
    cost, segments = db.session.execute(select(func.sum(newest.c.cost_e4), func.sum(newest.c.segments))).one()
    if segments:
        return -(-int(cost or 0) // int(segments))
    return ten_thousandths(get_settings().values["sms_segment_price"])


def month_start() -> datetime:
    """Return when the month of the shop's clock began."""
    zone = get_settings().values["shop_timezone"]
    return start_of(day_of(clock.now(), zone).replace(day=1), zone)


def check_limit(kind: str, segments: int) -> None:
    """Raise LimitReached if a message of the session's shop that is not essential would go above the limit.

    The first time in a month, the owners get a mail.
    """
    limit = None if kind in ESSENTIAL else get_limit()
    if limit is None or segments * limit.segment_price_e4 <= limit.left_e4:
        return
    _notify_owners()
    raise LimitReached("The month’s limit of message cost is reached.")


def _notify_owners() -> None:
    zone = get_settings().values["shop_timezone"]
    month = f"{day_of(clock.now(), zone):%Y-%m}"
    with transaction() as session:
        account = select(MessageChannel).where(MessageChannel.code == "sms").with_for_update()
        row = session.scalars(account, execution_options={"populate_existing": True}).first()
        if row is None or row.limit_notice_month == month:
            return
        row.limit_notice_month = month
        notify_owners("staff_notice", {"notice": "message_limit_reached"})
        session.flush()
