"""Webhooks after Standard Webhooks: statuses, when to try again, and the size of a body."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, Final

RETRY_SECONDS: Final = (5, 300, 1800, *(3600 * hours for hours in (2, 5, 10, 14, 20, 24)))
"""After the first failed attempt, the second, …; after the last there is none."""
JITTER_PERCENT: Final = 10
FAILING_FOR: Final = timedelta(days=5)
"""An endpoint that fails for this long without a success is disabled."""
OLD_SECRET_FOR: Final = timedelta(hours=24)
MAX_BODY: Final = 20_000
WAITS: Final = frozenset({429, 503})
"""Statuses whose Retry-After counts."""
GONE: Final = 410


class SignatureScheme(StrEnum):
    """How deliveries are signed: HMAC-SHA256 with a shared secret, or ed25519."""

    V1 = "v1"
    V1A = "v1a"


class DisabledReason(StrEnum):
    """Why Tuza disabled an endpoint: the receiver answered 410, or failed for five days."""

    GONE = "gone"
    FAILING = "failing"


class DeliveryStatus(StrEnum):
    """The status of a delivery."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


def retry_delay(tries: int, status_code: int | None, retry_after: timedelta | None, per_mille: int) -> timedelta | None:
    """Return how long to wait after ``tries`` failed attempts; None to give up. ``per_mille`` of the jitter is added.

    429 and 503 with Retry-After wait at least that, at most twice the delay that was planned.
    """
    if tries > len(RETRY_SECONDS):
        return None
    delay = timedelta(seconds=RETRY_SECONDS[tries - 1])
    planned = delay + delay * JITTER_PERCENT * per_mille // 100_000
    if status_code in WAITS and retry_after is not None:
        return min(max(planned, retry_after), 2 * delay)
    return planned


def read_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Return what a Retry-After header names, as seconds or a date; None if it is unreadable."""
    text = (value or "").strip()
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return timedelta(seconds=int(text))
    try:
        return max(timedelta(), parsedate_to_datetime(text) - now)
    except (TypeError, ValueError):  # not a date, or one without a zone
        return None


def encode_body(body: Mapping[str, Any]) -> bytes:
    """Return a delivery's body as JSON of at most 20 kB.

    The largest fields of a larger one are left out; ``omitted`` in ``data`` names them.
    """
    encoded = _encode(body)
    if len(encoded) <= MAX_BODY:
        return encoded
    data = {name: dict(part) if isinstance(part, dict) else part for name, part in body["data"].items()}
    omitted: list[str] = []
    while len(encoded) > MAX_BODY:
        sizes = [
            (len(_encode(value)), name, key)
            for name, part in data.items()
            if isinstance(part, dict)
            for key, value in part.items()
        ]
        _size, name, key = max(sizes)
        del data[name][key]
        omitted.append(f"{name}.{key}")
        encoded = _encode({**body, "data": {**data, "omitted": omitted}})
    return encoded


def _encode(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
