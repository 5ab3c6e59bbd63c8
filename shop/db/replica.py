"""Routing to the read replica: plain reads, and only in views that allow it.

The replica may lag behind, so every statement inside ``transaction()``, every locking read, every write, and the
settings, which are cached by the primary's version, go to the primary.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shop.db.session import READS_FROM, REPLICA, WROTE, db

PASSED_OVER_SECONDS: Final = 10
"""How long a process does not try a replica that it could not reach."""

log = logging.getLogger("tuza.replica")
_passed_over: dict[Engine, int] = {}


def there_is_a_replica() -> bool:
    """Return whether a replica is configured."""
    return REPLICA in db.engines


def read_from_replica() -> bool:
    """Send the session's plain reads to the replica. Return False, and change nothing, if it cannot be reached."""
    engine, session = db.engines[REPLICA], db.session()
    if time.monotonic() < _passed_over.get(engine, 0):
        return False
    try:
        session.connection(bind_arguments={"bind": engine})
    except (DBAPIError, PoolTimeout):
        session.rollback()
        _passed_over[engine] = int(time.monotonic()) + PASSED_OVER_SECONDS
        log.warning("the replica cannot be reached; the primary answers for it")
        return False
    session.info[READS_FROM] = REPLICA
    return True


def reading_from() -> str | None:
    """Return where the session's plain reads go, for :func:`reads_from`."""
    source: str | None = db.session().info.get(READS_FROM)
    return source


@contextmanager
def reads_from(source: str | None) -> Iterator[None]:
    """Within the block plain reads go to ``source``; None is the primary.

    A streamed file is read in another session than the one of its request.
    """
    info = db.session().info
    before = info.get(READS_FROM)
    info[READS_FROM] = source
    try:
        yield
    finally:
        info[READS_FROM] = before


def has_written() -> bool:
    """Return whether the session has committed a write transaction."""
    return bool(db.session().info.get(WROTE))


@contextmanager
def writing_unnoticed() -> Iterator[None]:
    """Within the block commits do not count as the caller's writes: the caller's next reads do not depend on them."""
    info = db.session().info
    before = info.get(WROTE)
    try:
        yield
    finally:
        info[WROTE] = before
