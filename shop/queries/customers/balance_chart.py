"""The chart of a customer's balance at the end of each day."""

from datetime import timedelta

from sqlalchemy import select

from shop.db.session import db
from shop.domain.charts.step_chart import Curve, draw_steps
from shop.domain.dates.days import day_of, start_of
from shop.models import LoyaltyAccount, LoyaltyEntry
from shop.queries.ledger.customer import HAPPENED_AT, entries_of
from shop.services import clock
from shop.services.shops.settings import get_settings

SPAN_DAYS = 30
MOST = 4000
"""Entries that a chart is made of; the newest ones if the account has more."""


def get_curve(account: LoyaltyAccount | None, *, whole: bool) -> Curve | None:
    """Return the chart of the last 30 days, or with ``whole`` of all days; None for an account without entries.

    An account with more than :data:`MOST` entries starts with the newest of these.
    """
    if account is None or account.entries_count == 0:
        return None
    zone = get_settings().values["shop_timezone"]
    today = day_of(clock.now(), zone)
    first = today - timedelta(days=SPAN_DAYS - 1)
    entry = LoyaltyEntry
    statement = select(entry.created_at, entry.balance_after, entry.points).where(*entries_of(account))
    if not whole:
        statement = statement.where(start_of(first, zone) <= HAPPENED_AT)
    rows = db.session.execute(statement.order_by(entry.seq.desc()).limit(MOST)).all()
    closes = {day_of(created_at, zone): balance for created_at, balance, _ in reversed(rows)}
    if whole or len(rows) == MOST:
        first = min(min(closes), today)
    opening = rows[-1].balance_after - rows[-1].points if rows else account.points_balance
    return draw_steps(closes, first, max(today, *closes, first), opening)
