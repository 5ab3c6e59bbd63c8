"""The SQLAlchemy session: routing to the replica, connection set-up, and the ``db`` object."""

import logging
import sqlite3
import time
from typing import Any, Final

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import Connection, Engine, SelectBase, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import SessionTransaction

from shop.models.base import Base
from shop.server.concurrency_limit import released

SQLITE_BUSY_SECONDS = 30
log = logging.getLogger("tuza.database")

REPLICA: Final = "replica"
READS_FROM: Final = "reads_from"
WROTE: Final = "wrote"
IN_TRANSACTION: Final = "in_transaction"
CONNECTION: Final = "tuza_connection"
"""The connection of the current transaction."""
MOST_CONNECTIONS: Final = 3
"""Connections of a session: for single statements, for a transaction, and to the replica."""
_SINGLE: Final = "tuza_single_statements"


class ReadWriteSession(Session):
    """A session that sends plain reads to the replica if ``db/replica.py`` allows it.

    On PostgreSQL, reads outside a transaction run in autocommit: READ COMMITTED sees the same, and BEGIN and ROLLBACK
    would take as long as the read.
    """

    def get_bind(self, mapper: Any = None, clause: Any = None, bind: Any = None, **kwargs: Any) -> Engine | Connection:
        """Return the engine or connection for a statement."""
        may = bind is None and self.info.get(READS_FROM) == REPLICA and not self.info.get(IN_TRANSACTION)
        if may and isinstance(clause, SelectBase) and getattr(clause, "_for_update_arg", None) is None:
            return self._db.engines[REPLICA]
        engine = super().get_bind(mapper=mapper, clause=clause, bind=bind, **kwargs)
        if bind is None and engine.dialect.name == "postgresql" and not self.info.get(IN_TRANSACTION):
            return _without_transactions(engine)
        return engine

    def rollback(self) -> None:
        """Roll back; log a lost connection instead of raising, since the server has rolled back already.

        A request that only read continues on a new connection, and an error response is not replaced by this error.
        """
        try:
            super().rollback()
        except DBAPIError as error:
            log.warning("a connection was lost before its transaction was rolled back: %s", type(error.orig).__name__)

    def close(self) -> None:
        """Close the session; log a lost connection instead of raising, since the response exists already."""
        ending = self.get_transaction()
        try:
            super().close()
        except DBAPIError as error:
            log.warning("a connection was lost after its last statement: %s", type(error.orig).__name__)
            if ending is not None:
                _close_the_rest(ending)


def _close_the_rest(ending: SessionTransaction) -> None:
    """Return the remaining connections to the pool; closing stops at the first one that is lost."""
    for _connection in range(MOST_CONNECTIONS):
        try:
            ending.close()
        except DBAPIError:
            continue
        return


def _without_transactions(engine: Any) -> Engine:
    """Return the same engine and pool in autocommit mode."""
    found: Engine | None = getattr(engine, _SINGLE, None)
    if found is None:
        found = engine.execution_options(isolation_level="AUTOCOMMIT")
        setattr(engine, _SINGLE, found)
    return found


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False, "class_": ReadWriteSession})


@event.listens_for(Engine, "connect")
def _set_up_sqlite(connection: Any, _record: Any) -> None:
    """Set up SQLite: WAL, so that readers never wait; foreign keys; full sync, so that a power cut loses no commit."""
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # the handlers below send BEGIN
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    """Take SQLite's write lock at the start of a write transaction: upgrading a read later can fail as busy."""
    if connection.dialect.name == "sqlite":
        deadline = connection.get_execution_options().get("tuza_write_deadline")
        if deadline is None:
            connection.connection.cursor().execute("BEGIN")
        else:
            begin_immediate(connection, deadline)


def begin_immediate(connection: Connection, deadline: float) -> None:
    """Take SQLite's write lock, which another process may hold, until ``deadline`` (``time.monotonic``).

    Releases the request's slot while it waits, so that reads continue. Raises OperationalError at the deadline.
    """
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA busy_timeout = 0").close()
    try:
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            milliseconds = max(1, round((deadline - time.monotonic()) * 1000))
            driver.execute(f"PRAGMA busy_timeout = {milliseconds}").close()
            with released():
                connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        driver.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY_SECONDS * 1000}").close()
