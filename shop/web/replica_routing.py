"""Which requests read from the replica, and who has just written and so must not."""

import logging
import time

from flask import Flask, Response, current_app, g, request

from shop.db.replica import has_written, read_from_replica, there_is_a_replica
from shop.web.rate_limit import limiter
from shop.web.view_options import options_of_endpoint

log = logging.getLogger("tuza.replica")


def init_app(app: Flask) -> None:
    """Take note of who writes, when there is a replica to keep them from."""
    if app.config["DATABASE_REPLICA_URL"]:
        app.after_request(_note_writer)


def choose() -> None:
    """For the guards, once they know who is calling: let a plain read go to the replica."""
    if options_of_endpoint(request.endpoint).reads_replica and there_is_a_replica() and not _has_just_written():
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
