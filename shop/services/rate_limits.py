"""Limits that money or codes depend on: sliding windows in the database, exact across threads and processes."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from sqlalchemy import bindparam, update
from sqlalchemy.dialects.postgresql import insert

from shop.db.prepared import SHOP, Prepared, table
from shop.db.upsert import delete_unlocked
from shop.models import RateWindow
from shop.services import clock
from shop.services.errors import TooOften

_WINDOWS = table(RateWindow)
_W = _WINDOWS.c
_TAKE = Prepared(  # in PostgreSQL's words, which are SQLite's too
    insert(_WINDOWS)
    .on_conflict_do_update(index_elements=[_W.shop_id, _W.bucket], set_={"bucket": _W.bucket})
    .returning(_W.id, _W.hits)
)
"""The bucket's row, made if need be and locked: the same statement for one that was there and one that was not."""
_KEEP = Prepared(
    update(_WINDOWS)
    .where(_W.shop_id == SHOP, _W.id == bindparam("window"))
    .values(hits=bindparam("moments", type_=_W.hits.type), expires_at=bindparam("ends", type_=_W.expires_at.type))
)


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
    row = _TAKE(bucket=bucket, hits=[], expires_at=ends).one()
    hits = [moment for moment in row.hits if moment > now_ms - longest * 1000]
    for limit in limits:
        within = [moment for moment in hits if moment > now_ms - limit.seconds * 1000]
        if len(within) >= limit.count:
            free_at = within[-limit.count] + limit.seconds * 1000
            raise TooOften(message, retry_after=ceil((free_at - now_ms) / 1000))
    _KEEP(window=row.id, moments=[*hits, now_ms], ends=ends)


def purge_windows() -> int:
    """Delete the windows of the session's shops that no longer hold anything; how many there were."""
    return delete_unlocked(RateWindow, RateWindow.expires_at < clock.now())
