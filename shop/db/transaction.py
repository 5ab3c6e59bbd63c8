"""One use case, one transaction: ``with transaction() as session:``. Nested calls join the outermost one."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from shop.db.session import CONNECTION, IN_TRANSACTION, READS_FROM, REPLICA, WROTE, db
from shop.db.tenant import SETTINGS_MARK
from shop.server.concurrency_limit import stepped_outside

_AFTERWARDS: Final = "after_commit"


class FairLock:
    """A lock that is given in the order in which it was asked for.

    SQLite lets waiting writers race, and one of four was seen to wait for seconds; in front of a write transaction
    this lock gives each thread of the process its turn.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Event] = deque()

    def __enter__(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Event()
            self._waiting.append(turn)
        with stepped_outside():
            turn.wait()

    def __exit__(self, *_: object) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False


_sqlite_writers = FairLock()


@contextmanager
def transaction() -> Iterator[Session]:
    """Run the block in one write transaction: committed when it ends, rolled back when it raises.

    What the session had read before is read anew inside, so that nothing is decided on old values. On SQLite the
    write lock is taken at the start, in fair order within the process.
    """
    session = db.session()
    if session.info.get(IN_TRANSACTION):
        yield session
        return
    sqlite = session.get_bind().dialect.name == "sqlite"
    reused = _end_reading(session, sqlite=sqlite)
    session.info.pop(SETTINGS_MARK, None)  # settings, too, are read from the database, inside and after
    session.expire_all()  # also what was loaded before a commit, which the rollback leaves as it is
    session.info.pop(_AFTERWARDS, None)
    with _sqlite_writers if sqlite else nullcontext():
        session.info[IN_TRANSACTION] = True
        try:
            if reused is None:
                session.info[CONNECTION] = session.connection(execution_options={"tuza_writes": True})
            else:
                reused.exec_driver_sql("BEGIN IMMEDIATE")
                session.info[CONNECTION] = reused
            yield session
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


def _end_reading(session: Session, *, sqlite: bool) -> Connection | None:
    """End the session's read transaction; on SQLite its connection, which may go on to write.

    Giving it back and asking for it again would take as long as several statements.
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
    """Run the block in one transaction that only reads: for results that are fetched while they are worked on."""
    session = db.session()
    session.rollback()
    before = session.info.get(IN_TRANSACTION)
    session.info[IN_TRANSACTION] = True
    try:
        yield session
    finally:
        session.rollback()
        session.info[IN_TRANSACTION] = before


def after_commit(session: Session, run: Callable[[], None]) -> None:
    """Call ``run`` when the session's transaction has been committed; never when it is rolled back.

    For what is only noted, such as counters: a process that dies in between does not do it, so nothing may rest on it.
    """
    session.info.setdefault(_AFTERWARDS, []).append(run)


def is_open() -> bool:
    """Whether the session is in a transaction of a use case, which may still be rolled back."""
    return bool(db.session().info.get(IN_TRANSACTION))
