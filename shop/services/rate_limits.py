"""All rate limits, and the exact counting of those that protect money or one-time codes.

``hit`` and ``count_uses`` count in the database: sliding windows, exact across threads and processes. Other requests
are counted in memory or Redis by ``shop/web/http/rate_limit.py``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from sqlalchemy import bindparam, case, update
from sqlalchemy.dialects.postgresql import insert

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.db.upsert import purge_batch
from shop.models import RateWindow
from shop.services import clock
from shop.services.errors import TooOften

MINUTE, HOUR, DAY = 60, 3600, 86_400
SKEW_SECONDS = 5
"""By how much the clocks of two servers may differ."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``count`` times in any period of ``seconds``."""

    count: int
    seconds: int


# --- Counted in the database --------------------------------------------------------------------
OTP_SENDS_PER_CUSTOMER = (Limit(1, MINUTE), Limit(5, HOUR))
OTP_VERIFIES_PER_CUSTOMER = Limit(20, HOUR)
CODES_SHOWN_PER_CUSTOMER = Limit(30, HOUR)
"""Codes that a customer's own page shows for the till."""
REGISTRATIONS_PER_CUSTOMER = (Limit(5, HOUR), Limit(20, DAY))
PRIVACY_REQUESTS_PER_CUSTOMER = Limit(10, DAY)
SHOPPER_SIGN_INS_PER_ACCOUNT = Limit(10, 15 * MINUTE)
SHOPPER_LINKS_PER_EMAIL = Limit(5, HOUR)
SECOND_FACTOR_ATTEMPTS = (Limit(5, 5 * MINUTE), Limit(20, HOUR), Limit(50, DAY))
"""Second factor codes that one staff member may try."""
LIST_READS_RECORDED = Limit(1, HOUR)
"""Audit log lines about one caller's reading of one personal list, or of one customer on the staff pages."""
APPROVALS_PER_REQUESTER = Limit(30, HOUR)
"""Changes that one member of staff or API key sends for approval: approvers get a mail about each."""
RECEIPTS_PER_SALE = Limit(3, HOUR)
TRIAL_SMS_PER_MEMBER = Limit(5, HOUR)
ABANDONED_CARTS_PER_ADDRESS = Limit(60, HOUR)
CHECKOUTS_OPENED_PER_ADDRESS = Limit(300, HOUR)
ORDER_MAILS_PER_MAILBOX = (Limit(5, HOUR), Limit(20, DAY))
"""Further orders are accepted without a mail, so that no one can flood another person's mailbox."""
PAYMENTS_PER_ORDER = (Limit(10, 15 * MINUTE), Limit(30, DAY))
PAYMENT_CLAIMS_PER_CUSTOMER = (Limit(10, HOUR), Limit(30, DAY))
"""Receipt numbers that a customer may enter, so that no one can guess another person's."""
PAYMENT_PROMPTS_PER_PHONE = (Limit(4, 5 * MINUTE), Limit(12, HOUR), Limit(30, DAY))
"""How often one shop may prompt one phone to pay."""


def otp_sends_per_address(count: int) -> Limit:
    """``OTP_SENDS_PER_ADDRESS_HOUR``, for one-time codes and for mailed links."""
    return Limit(count, HOUR)


def otp_verifies_per_address(count: int) -> Limit:
    """``OTP_VERIFIES_PER_ADDRESS_10_MINUTES``."""
    return Limit(count, 10 * MINUTE)


def orders_per_address(count: int) -> Limit:
    """``ORDERS_PER_ADDRESS_HOUR``."""
    return Limit(count, HOUR)


def shopper_sign_ins_per_address(count: int) -> Limit:
    """``SIGN_INS_PER_ADDRESS_15_MINUTES``."""
    return Limit(count, 15 * MINUTE)


# --- Counted in memory or Redis -----------------------------------------------------------------
STAFF_SIGN_INS_PER_ACCOUNT = Limit(10, 15 * MINUTE)
"""By account and address together, so that no one can lock another person out."""
STAFF_SIGN_INS_PER_ADDRESS = Limit(50, 15 * MINUTE)
STAFF_LINKS_PER_ACCOUNT = Limit(5, HOUR)
STAFF_LINKS_PER_ADDRESS = Limit(20, HOUR)
STAFF_API_REQUESTS = Limit(120, MINUTE)
"""JSON requests of one member of staff's session."""
STAFF_PERSONAL_PAGES = Limit(1000, 10 * MINUTE)
"""Staff pages with personal data that one person opens; far above what anyone reads."""
STAFF_PERSONAL_EXPORTS = Limit(30, HOUR)
"""Files with personal data of many people that one person downloads."""
OWN_POINTS_PER_TOKEN = Limit(60, MINUTE)
"""By redemption token: many phones of one carrier share an address."""


def api_requests_per_key(count: int) -> Limit:
    """Return the key's own ``rate_limit_per_minute``."""
    return Limit(count, MINUTE)


def storefront_requests_per_address(count: int) -> Limit:
    """``STOREFRONT_REQUESTS_PER_15_MINUTES``."""
    return Limit(count, 15 * MINUTE)


_WINDOWS = table(RateWindow)
_W = _WINDOWS.c
_INSERT = insert(_WINDOWS)  # SQLite takes PostgreSQL's syntax
_LATER = case((_W.expires_at > _INSERT.excluded.expires_at, _W.expires_at), else_=_INSERT.excluded.expires_at)
_COUNT = PreparedQuery(
    _INSERT.on_conflict_do_update(
        index_elements=[_W.shop_id, _W.bucket],
        set_={"moments": _W.moments.concat(_INSERT.excluded.moments), "expires_at": _LATER},
    ).returning(_W.id, _W.bucket, _W.moments)
)
"""Appends a time to the bucket's locked row and returns all of them."""
_REPLACE = PreparedQuery(
    update(_WINDOWS).where(_W.shop_id == SHOP, _W.id == bindparam("window")).values(moments=bindparam("kept"))
)


def hit(bucket: str, *limits: Limit, message: str) -> None:
    """Count one use of a bucket within the caller's transaction, or raise TooOften and count nothing."""
    waits = count_uses({bucket: limits})
    if bucket in waits:
        raise TooOften(message, retry_after=waits[bucket])


def count_uses(buckets: Mapping[str, Sequence[Limit]]) -> dict[str, int]:
    """Count one use of each bucket within the caller's transaction, in one statement unless a limit is near.

    Return the seconds to wait for each bucket past its limit; its use is not counted. The rows are locked until the
    transaction ends, so concurrent uses are counted one by one.
    """
    now = clock.now()
    rows = [
        {"bucket": bucket, "moments": f"{_milliseconds(now)} ", "expires_at": now + timedelta(seconds=_longest(limits))}
        for bucket, limits in buckets.items()
    ]
    waits = {row.bucket: _settle(row, buckets[row.bucket]) for row in _COUNT.many(rows)}
    return {bucket: seconds for bucket, seconds in waits.items() if seconds}


def _settle(row: Any, limits: Sequence[Limit]) -> int:
    """Return the seconds to wait, 0 within the limits; rewrite the row without times that do not count."""
    if row.moments.count(" ") <= min(limit.count for limit in limits):
        return 0
    now_ms = _milliseconds(clock.now())  # others may have counted while this use waited for the lock
    # times far in the future are from before the clock was set back: they would block for that long
    latest, oldest = now_ms + SKEW_SECONDS * 1000, now_ms - _longest(limits) * 1000
    *before, own = map(int, row.moments.split())
    hits = sorted(min(moment, now_ms) for moment in before if oldest < moment <= latest)
    wait = next(filter(None, (_seconds_to_wait(hits, limit, now_ms) for limit in limits)), 0)
    if wait or len(hits) * 2 <= len(before):
        kept = hits if wait else [*hits, own]
        _REPLACE(window=row.id, kept="".join(f"{moment} " for moment in kept))
    return wait


def _seconds_to_wait(hits: Sequence[int], limit: Limit, now_ms: int) -> int:
    within = [moment for moment in hits if moment > now_ms - limit.seconds * 1000]
    if len(within) < limit.count:
        return 0
    return ceil((within[-limit.count] + limit.seconds * 1000 - now_ms) / 1000)


def _longest(limits: Sequence[Limit]) -> int:
    return max(limit.seconds for limit in limits)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def purge_windows() -> int:
    """Delete the expired windows of the session's shops and return how many."""
    return purge_batch(RateWindow, RateWindow.expires_at < clock.now())
