"""All rate limits of the product, and the exact counting of those that money or one-time codes depend on.

``hit`` counts in the database: sliding windows, exact across threads and processes. Plain requests are counted in
memory or Redis by ``shop/web/http/rate_limit.py``.
"""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from sqlalchemy import bindparam, update
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
REGISTRATIONS_PER_CUSTOMER = (Limit(5, HOUR), Limit(20, DAY))
PRIVACY_REQUESTS_PER_CUSTOMER = Limit(10, DAY)
SHOPPER_SIGN_INS_PER_ACCOUNT = Limit(10, 15 * MINUTE)
SHOPPER_LINKS_PER_EMAIL = Limit(5, HOUR)
SECOND_FACTOR_ATTEMPTS = (Limit(5, 5 * MINUTE), Limit(20, HOUR), Limit(50, DAY))
"""Codes that one member of staff may try."""
LIST_READS_RECORDED = Limit(1, HOUR)
"""Audit log lines about one caller's reading of one personal list by the JSON API."""
ABANDONED_CARTS_PER_ADDRESS = Limit(60, HOUR)
CHECKOUTS_OPENED_PER_ADDRESS = Limit(300, HOUR)
ORDER_MAILS_PER_MAILBOX = (Limit(5, HOUR), Limit(20, DAY))
"""Orders beyond are taken without a mail: nobody can fill another person's mailbox."""
PAYMENTS_PER_ORDER = (Limit(10, 15 * MINUTE), Limit(30, DAY))
PAYMENT_PROMPTS_PER_PHONE = (Limit(4, 5 * MINUTE), Limit(12, HOUR), Limit(30, DAY))
"""How often one shop may ask one phone to pay."""


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
"""By account and address together, so that nobody can lock another person out from elsewhere."""
STAFF_SIGN_INS_PER_ADDRESS = Limit(50, 15 * MINUTE)
STAFF_LINKS_PER_ACCOUNT = Limit(5, HOUR)
STAFF_LINKS_PER_ADDRESS = Limit(20, HOUR)
STAFF_API_REQUESTS = Limit(120, MINUTE)
"""JSON requests of one member of staff's session."""
OWN_POINTS_PER_TOKEN = Limit(60, MINUTE)
"""By redemption token: many phones of one carrier share an address."""


def api_requests_per_key(count: int) -> Limit:
    """The key's own ``rate_limit_per_minute``."""
    return Limit(count, MINUTE)


def storefront_requests_per_address(count: int) -> Limit:
    """``STOREFRONT_REQUESTS_PER_15_MINUTES``."""
    return Limit(count, 15 * MINUTE)


_WINDOWS = table(RateWindow)
_W = _WINDOWS.c
_TAKE = PreparedQuery(  # SQLite takes PostgreSQL's syntax
    insert(_WINDOWS)
    .on_conflict_do_update(index_elements=[_W.shop_id, _W.bucket], set_={"bucket": _W.bucket})
    .returning(_W.id, _W.hits)
)
"""Insert the bucket's row if it is missing and lock it; the same statement either way."""
_KEEP = PreparedQuery(
    update(_WINDOWS)
    .where(_W.shop_id == SHOP, _W.id == bindparam("window"))
    .values(hits=bindparam("moments", type_=_W.hits.type), expires_at=bindparam("ends", type_=_W.expires_at.type))
)


def hit(bucket: str, *limits: Limit, message: str) -> None:
    """Count one use of a bucket within the caller's transaction, or raise TooOften and count nothing.

    The bucket's row is locked until the transaction ends, so concurrent uses are counted one by one.
    """
    longest = max(limit.seconds for limit in limits)
    row = _TAKE(bucket=bucket, hits=[], expires_at=clock.now() + timedelta(seconds=longest)).one()
    now = clock.now()  # not before the row is locked: what others counted meanwhile would be in the future
    now_ms = round(now.timestamp() * 1000)
    ends = now + timedelta(seconds=longest)
    # hits far in the future were counted before the clock was set back: they would block until the old time comes again
    latest_ms = now_ms + SKEW_SECONDS * 1000
    hits = sorted(min(moment, now_ms) for moment in row.hits if now_ms - longest * 1000 < moment <= latest_ms)
    for limit in limits:
        within = [moment for moment in hits if moment > now_ms - limit.seconds * 1000]
        if len(within) >= limit.count:
            free_at = within[-limit.count] + limit.seconds * 1000
            raise TooOften(message, retry_after=ceil((free_at - now_ms) / 1000))
    _KEEP(window=row.id, moments=[*hits, now_ms], ends=ends)


def purge_windows() -> int:
    """Delete the expired windows of the session's shops and return how many there were."""
    return purge_batch(RateWindow, RateWindow.expires_at < clock.now())
