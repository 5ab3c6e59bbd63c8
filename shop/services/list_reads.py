"""Reads of lists of customers and of single customers, recorded in the audit log once an hour for each reader."""

import logging
import time
from collections import OrderedDict
from datetime import datetime
from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as LockTimeout

from shop.db.replica import writing_unnoticed
from shop.db.session import db
from shop.db.tenant import current_shop_id
from shop.db.transaction import transaction
from shop.services import audit_log, clock, rate_limits
from shop.services.actors import Actor
from shop.services.errors import TooOften

log = logging.getLogger("tuza.audit")
_MOST = 10_000
PAUSE_SECONDS = 30
Reader = tuple[int, str, int | None, str]
_recorded: "WeakKeyDictionary[Engine, OrderedDict[Reader, datetime]]" = WeakKeyDictionary()
"""When this process last looked for a line in each database, so that a read rarely costs a write."""
_failed_at: "WeakKeyDictionary[Engine, float]" = WeakKeyDictionary()
_lock = Lock()


def record_read(actor: Actor, subject: str) -> None:
    """Add a line about an actor's reading of ``list:…`` or ``customer:…``, unless there is one of the last hour.

    A database that is full or locked can still be read: the line then goes to the application's log.
    """
    if not _is_due((current_shop_id(), actor.kind, actor.id, subject)):
        return
    if not _may_try():
        log.error("read without a line in the audit log: %s by %s %s", subject, actor.kind, actor.id)
        return
    try:
        with writing_unnoticed(), transaction():  # this commit must not move the caller's next reads to the primary
            bucket = f"list-read:{actor.kind}:{actor.id}:{subject}"
            rate_limits.hit(bucket, rate_limits.LIST_READS_RECORDED, message="")
            audit_log.record(actor, f"{subject.partition(':')[0]}.read", subject)
    except TooOften:
        return
    except (DBAPIError, LockTimeout):
        _failed_at[db.engine] = time.monotonic()
        log.exception("read without a line in the audit log: %s by %s %s", subject, actor.kind, actor.id)


def _may_try() -> bool:
    """Return whether the last failure is some time ago: pages do not wait for a locked database one after another."""
    failed_at = _failed_at.get(db.engine)
    return failed_at is None or time.monotonic() - failed_at > PAUSE_SECONDS


def _is_due(reader: Reader) -> bool:
    now = clock.now()
    with _lock:
        recorded = _recorded.setdefault(db.engine, OrderedDict())
        before = recorded.get(reader)
        if before is not None and 0 <= (now - before).total_seconds() < rate_limits.LIST_READS_RECORDED.seconds:
            return False
        recorded[reader] = now
        recorded.move_to_end(reader)
        if len(recorded) > _MOST:
            recorded.popitem(last=False)
    return True
