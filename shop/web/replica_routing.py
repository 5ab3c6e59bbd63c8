"""Which requests read from the replica, and who has just written and so must not."""

import logging
import time
from typing import Final

from flask import Flask, Response, current_app, g, request

from shop.db.replica import has_written, read_from_replica, there_is_a_replica
from shop.extensions import limiter

PLAIN_READS: Final = frozenset(
    {
        "api.customer_list",
        "api.order_list",
        "api.loyalty_balance_list",
        "api.loyalty_ledger_list",
        "api.loyalty_stats_show",
        "staff.home_show",
        "staff.customer_list",
        "staff.customer_export",
        "staff.order_list",
        "staff.ledger_show",
        "staff.ledger_export",
        "staff.ledger_days",
        "staff.ledger_days_export",
    }
)
"""Lists, files and sums that people and programs look at. Nothing that decides about points, nor one thing alone,
which somebody has often just changed."""

log = logging.getLogger("tuza.replica")


def init_app(app: Flask) -> None:
    """Take note of who writes, when there is a replica to keep them from."""
    if app.config["DATABASE_REPLICA_URL"]:
        app.after_request(_note_writer)


def choose() -> None:
    """For the guards, once they know who is calling: let a plain read go to the replica."""
    if request.endpoint in PLAIN_READS and there_is_a_replica() and not _has_just_written():
        read_from_replica()


def _note_writer(response: Response) -> Response:
    if "caller" in g and has_written():
        span = current_app.config["REPLICA_LAG_SECONDS"]
        try:
            limiter.storage.incr(_key(int(time.time() // span)), 3 * span)
        except Exception:
            log.exception("the store that tells who has just written cannot be reached")
    return response


def _has_just_written() -> bool:
    """Whether the caller has written within the seconds that the replica may be behind; True when nobody can say."""
    now = int(time.time() // current_app.config["REPLICA_LAG_SECONDS"])
    try:
        return any(limiter.storage.get(_key(span)) for span in (now, now - 1))
    except Exception:
        log.exception("the store that tells who has just written cannot be reached")
        return True


def _key(span: int) -> str:
    return f"wrote:{g.caller}:{span}"
