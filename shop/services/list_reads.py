"""Audit entries about API callers who read personal lists, once an hour for each."""

import logging
from collections import OrderedDict
from datetime import datetime
from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from shop.db.replica import writing_unnoticed
from shop.db.session import db
from shop.db.tenant import current_shop_id
from shop.db.transaction import transaction
from shop.services import audit_log, clock, rate_limits
from shop.services.actors import Actor
from shop.services.errors import TooOften

log = logging.getLogger("tuza.audit")
_MOST = 10_000
Reader = tuple[int, str, int | None, str]
_recorded: "WeakKeyDictionary[Engine, OrderedDict[Reader, datetime]]" = WeakKeyDictionary()
"""When this process last checked for an entry in each database, so that a read rarely costs a statement."""
_lock = Lock()


def record_list_read(actor: Actor, subject: str) -> None:
    """Add an audit entry for an actor's read of a list, unless there is one within the last hour."""
    if not _is_due((current_shop_id(), actor.kind, actor.id, subject)):
        return
    try:
        with writing_unnoticed(), transaction():  # this commit must not move the caller's next reads to the primary
            bucket = f"list-read:{actor.kind}:{actor.id}:{subject}"
            rate_limits.hit(bucket, rate_limits.LIST_READS_RECORDED, message="")
            audit_log.record(actor, "list.read", subject)
    except TooOften:
        return
    except DBAPIError:
        log.exception("the read of a list could not be audited")  # a read must succeed even if the database is full


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
