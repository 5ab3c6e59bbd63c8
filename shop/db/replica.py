"""Which of a request's statements may be answered by a read replica: plain reads, and only where a door allows it.

The replica may be a moment behind. So whatever decides anything asks the primary: every statement inside
``transaction()``, every locking read, every change, and the settings, which are kept under the primary's mark.
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
"""How long a process leaves a replica alone that it could not reach."""

log = logging.getLogger("tuza.replica")
_passed_over: dict[Engine, int] = {}


def there_is_a_replica() -> bool:
    """Whether the installation has one."""
    return REPLICA in db.engines


def read_from_replica() -> bool:
    """From here on the session's plain reads go to the replica; False, and nothing changed, when it is out of reach."""
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
    """What the session's plain reads are answered by: something to give to :func:`reads_from`."""
    source: str | None = db.session().info.get(READS_FROM)
    return source


@contextmanager
def reads_from(source: str | None) -> Iterator[None]:
    """Within the block plain reads are answered by a source, None for the primary.

    A file that is sent while it is read goes on in another session than the one that the request began with.
    """
    info = db.session().info
    before = info.get(READS_FROM)
    info[READS_FROM] = source
    try:
        yield
    finally:
        info[READS_FROM] = before


def has_written() -> bool:
    """Whether the session has committed a write transaction."""
    return bool(db.session().info.get(WROTE))


@contextmanager
def writing_unnoticed() -> Iterator[None]:
    """Within the block commits do not count as the caller's writes: what they store is no answer to the caller."""
    info = db.session().info
    before = info.get(WROTE)
    try:
        yield
    finally:
        info[WROTE] = before
