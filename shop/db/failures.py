"""Kinds of database failures: what users see, and what staff and operators see."""

import sqlite3
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as LockTimeout

from shop.domain.text.messages import N_


@dataclass(frozen=True, slots=True)
class Failure:
    """A kind of database failure. ``public`` is for everyone, ``detail`` for staff, commands and ``/readyz``."""

    name: str
    public: str
    detail: str


UNAVAILABLE: Final = N_("The shop is temporarily unavailable. Try again in a few minutes.")
UNREACHABLE: Final = Failure(
    "unreachable",
    N_("The database cannot be reached at the moment. Try again in a few seconds."),
    N_("The database cannot be reached."),
)
BUSY: Final = Failure(
    "busy",
    N_("The database is busy. Try again in a moment."),
    N_("The database is busy: another process holds its write lock."),
)
DISK_FULL: Final = Failure(
    "disk_full", UNAVAILABLE, N_("The shop's disk is full. Nothing can be saved until there is free space.")
)
READ_ONLY: Final = Failure(
    "read_only", UNAVAILABLE, N_("The database cannot be written to. Check the permissions of its file and folder.")
)
IO_ERROR: Final = Failure(
    "io_error", UNAVAILABLE, N_("The database file cannot be read or written. Check the disk and its free space.")
)
CORRUPT: Final = Failure(
    "corrupt", UNAVAILABLE, N_("The database file is damaged. Stop the shop and restore the newest backup.")
)
SCHEMA: Final = Failure(
    "schema",
    UNAVAILABLE,
    N_("The database was migrated by another version of Tuza: start that version, or run tuza db upgrade."),
)
_SQLITE: Final = {
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_FULL: DISK_FULL,
    sqlite3.SQLITE_IOERR: IO_ERROR,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_PERM: READ_ONLY,
    sqlite3.SQLITE_CORRUPT: CORRUPT,
    sqlite3.SQLITE_NOTADB: CORRUPT,
}
"""By primary result code, the low byte of an extended one (https://sqlite.org/rescode.html)."""
_POSTGRESQL: Final = {
    "53100": DISK_FULL,
    "25006": READ_ONLY,
    "XX001": CORRUPT,
    "XX002": CORRUPT,
    "42P01": SCHEMA,
    "42703": SCHEMA,
}
"""By SQLSTATE: disk_full, read_only_sql_transaction, data_corrupted, index_corrupted, undefined_table and _column."""
_NO_SUCH: Final = ("no such table", "no such column", "has no column named")
"""Messages of SQLite, whose result code is that of any error of a statement."""


def classify(error: BaseException) -> Failure | None:
    """Return the kind of failure of a database error; None if it is not a failure of the database itself."""
    if isinstance(error, LockTimeout):
        return BUSY if "write lock" in str(error) else UNREACHABLE
    original = getattr(error, "orig", error) if isinstance(error, SQLAlchemyError) else error
    if isinstance(original, sqlite3.DatabaseError):
        if any(words in str(original) for words in _NO_SUCH):
            return SCHEMA
        code = getattr(original, "sqlite_errorcode", None)
        return None if code is None else _SQLITE.get(code & 0xFF)
    return _POSTGRESQL.get(getattr(original, "sqlstate", None) or "")


def describe(error: SQLAlchemyError) -> str:
    """Return the sentence for operators; by default that the database cannot be reached."""
    return (classify(error) or UNREACHABLE).detail
