"""Routing of reads to the replica, for views that declare it and callers who have not just written."""

import logging
import time

from flask import Flask, Response, current_app, g, request

from shop.db.replica import has_written, read_from_replica, there_is_a_replica
from shop.web.http.rate_limit import limiter
from shop.web.pages.view_options import options_of_endpoint

log = logging.getLogger("tuza.replica")


def init_app(app: Flask) -> None:
    """Record which callers write, if a replica is configured."""
    if app.config["DATABASE_REPLICA_URL"]:
        app.after_request(_record_write)


def route_reads() -> None:
    """Read from the replica if the view allows it. Called by authentication once the caller is known."""
    if options_of_endpoint(request.endpoint).reads_replica and there_is_a_replica() and not _has_just_written():
        read_from_replica()


def _record_write(response: Response) -> Response:
    if "caller" in g and has_written():
        span = current_app.config["REPLICA_LAG_SECONDS"]
        try:
            limiter.storage.incr(_key(int(time.time() // span)), 3 * span)
        except Exception:
            log.exception("rate limit storage, which records writers, cannot be reached")
    return response


def _has_just_written() -> bool:
    """Return whether the caller has written within ``REPLICA_LAG_SECONDS``; True if the storage cannot be reached."""
    now = int(time.time() // current_app.config["REPLICA_LAG_SECONDS"])
    try:
        return any(limiter.storage.get(_key(span)) for span in (now, now - 1))
    except Exception:
        log.exception("rate limit storage, which records writers, cannot be reached")
        return True


def _key(span: int) -> str:
    return f"wrote:{g.caller}:{span}"
