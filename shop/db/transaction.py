"""A transaction for a use case: ``with transaction() as session:``. Nested calls join the outermost one."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import TimeoutError as LockTimeout
from sqlalchemy.orm import Session

from shop.db.session import CONNECTION, IN_TRANSACTION, READS_FROM, REPLICA, WROTE, begin_immediate, db
from shop.db.tenant import SETTINGS_MARK
from shop.server.concurrency_limit import holds_slot, released, slot_kept
from shop.server.fifo_semaphore import FifoSemaphore

_BEFORE: Final = "before_commit"
_AFTERWARDS: Final = "after_commit"
REQUEST_LOCK_SECONDS: Final = 5
"""How long a request waits for SQLite's write lock before it is answered 503."""
LOCK_SECONDS: Final = 30
"""How long a command or the worker waits for it."""

_sqlite_writers = FifoSemaphore(1)
"""Queues for SQLite's write lock: it does not serve waiting connections in order, and one of four waited seconds."""


@contextmanager
def transaction() -> Iterator[Session]:
    """Run the block in one write transaction: commit at its end, roll back if it raises.

    Objects loaded before are read again inside, so that decisions use current values. On SQLite the write lock is taken
    at the start, in order of arrival within the process; raises TimeoutError or OperationalError if it is not free in
    time.
    """
    session = db.session()
    if session.info.get(IN_TRANSACTION):
        yield session
        return
    sqlite = session.get_bind().dialect.name == "sqlite"
    reused = _end_reading(session, sqlite=sqlite)
    session.info.pop(SETTINGS_MARK, None)  # settings are read from the database as well, inside and after
    session.expire_all()  # also objects loaded before an earlier commit, which rollback() does not expire
    session.info.pop(_BEFORE, None)
    session.info.pop(_AFTERWARDS, None)
    with _sqlite_write_turn() if sqlite else nullcontext(0.0) as deadline:
        session.info[IN_TRANSACTION] = True
        try:
            session.info[CONNECTION] = _begin(session, reused, deadline)
            with slot_kept():  # requests that hold the other slots may be waiting for the end of this transaction
                yield session
                for run in session.info.pop(_BEFORE, ()):
                    run()
                session.commit()
            session.info[WROTE] = True
            for run in session.info.pop(_AFTERWARDS, ()):
                run()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info[IN_TRANSACTION] = False
            session.info.pop(CONNECTION, None)
            session.info.pop(SETTINGS_MARK, None)  # it may have been read in a transaction that was rolled back


@contextmanager
def _sqlite_write_turn() -> Iterator[float]:
    """Wait until this thread may write; yield the deadline for locks of other processes."""
    seconds = REQUEST_LOCK_SECONDS if holds_slot() else LOCK_SECONDS
    deadline = time.monotonic() + seconds
    if not _sqlite_writers.acquire(timeout=0):
        with released():
            taken = _sqlite_writers.acquire(timeout=seconds)
        if not taken:
            raise LockTimeout(f"SQLite's write lock was not free within {seconds} seconds")
    try:
        yield deadline
    finally:
        _sqlite_writers.release()


def _begin(session: Session, reused: Connection | None, deadline: float) -> Connection:
    if reused is None:
        return session.connection(execution_options={"tuza_write_deadline": deadline})
    begin_immediate(reused, deadline)
    return reused


def _end_reading(session: Session, *, sqlite: bool) -> Connection | None:
    """End the session's read transaction. On SQLite, return its connection for the write transaction.

    Returning it to the pool and checking it out again would take as long as several statements.
    """
    clean = session.is_active and not (session.new or session.dirty or session.deleted)
    if not (sqlite and clean and session.in_transaction()) or session.info.get(READS_FROM) == REPLICA:
        session.rollback()
        return None
    connection = session.connection()
    connection.connection.rollback()
    return connection


@contextmanager
def reading() -> Iterator[Session]:
    """Run the block in one read-only transaction, for results that are fetched while they are processed."""
    session = db.session()
    session.rollback()
    before = session.info.get(IN_TRANSACTION)
    session.info[IN_TRANSACTION] = True
    try:
        yield session
    finally:
        session.rollback()
        session.info[IN_TRANSACTION] = before


def before_commit(session: Session, run: Callable[[], None]) -> None:
    """Call ``run`` at the end of the session's transaction, before the commit; not if it is rolled back."""
    session.info.setdefault(_BEFORE, []).append(run)


def after_commit(session: Session, run: Callable[[], None]) -> None:
    """Call ``run`` after the session's transaction is committed; not if it is rolled back.

    For counters and the like only: the call is lost if the process stops in between.
    """
    session.info.setdefault(_AFTERWARDS, []).append(run)


def is_open() -> bool:
    """Return whether the session is inside ``transaction()``, which may still be rolled back."""
    return bool(db.session().info.get(IN_TRANSACTION))
