"""Limits that money or codes depend on: sliding windows in the database, exact across threads and processes."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from sqlalchemy import select

from shop.extensions import db
from shop.models import RateWindow
from shop.services import clock
from shop.services.errors import TooOften
from shop.services.rows import delete_unlocked, insert_unless_there


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``count`` times in any stretch of ``seconds``."""

    count: int
    seconds: int


def hit(bucket: str, *limits: Limit, message: str) -> None:
    """Count one more use of a bucket within the caller's transaction, or raise TooOften and count nothing.

    The bucket's row is locked until the transaction ends, so that uses at the same time are counted one by one.
    """
    now = clock.now()
    now_ms = round(now.timestamp() * 1000)
    longest = max(limit.seconds for limit in limits)
    ends = now + timedelta(seconds=longest)
    row = None
    while row is None:  # again when an old one was purged between the two statements
        insert_unless_there(RateWindow, [RateWindow.bucket], bucket=bucket, hits=[], expires_at=ends)
        row = db.session.scalars(select(RateWindow).where(RateWindow.bucket == bucket).with_for_update()).first()
    hits = [moment for moment in row.hits if moment > now_ms - longest * 1000]
    for limit in limits:
        within = [moment for moment in hits if moment > now_ms - limit.seconds * 1000]
        if len(within) >= limit.count:
            free_at = within[-limit.count] + limit.seconds * 1000
            raise TooOften(message, retry_after=ceil((free_at - now_ms) / 1000))
    row.hits = [*hits, now_ms]
    row.expires_at = ends
    db.session.flush()


def purge_windows() -> int:
    """Delete the windows of the session's shops that no longer hold anything; how many there were."""
    return delete_unlocked(RateWindow, RateWindow.expires_at < clock.now())
