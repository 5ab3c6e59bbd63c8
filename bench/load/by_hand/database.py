"""One connection a thread with the same durability as the shop's, and statements with question marks."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

URL = os.environ["BENCH_DATABASE_URL"]
ON_SQLITE = URL.startswith("sqlite")
PRAGMAS = ("busy_timeout = 30000", "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")
"""Those of ``shop.db.session``; all others are SQLite's defaults on both sides."""
kept = threading.local()
writer = threading.Lock()


def connect() -> Any:
    """Return this thread's connection."""
    if not hasattr(kept, "connection"):
        kept.connection = _sqlite() if ON_SQLITE else psycopg.connect(URL, autocommit=True, row_factory=dict_row)
    return kept.connection


def _sqlite() -> sqlite3.Connection:
    made = sqlite3.connect(URL.removeprefix("sqlite:///"), isolation_level=None)
    made.row_factory = lambda cursor, row: {c[0]: v for c, v in zip(cursor.description, row, strict=True)}
    for pragma in PRAGMAS:
        made.execute(f"PRAGMA {pragma}")
    return made


def ask(sql: str, *values: Any) -> Any:
    """Execute a statement written with question marks."""
    return connect().execute(sql if ON_SQLITE else sql.replace("%", "%%").replace("?", "%s"), values)


def insert(table: str, row: dict[str, Any]) -> int:
    """Add a row and return its id."""
    marks = ", ".join("?" * len(row))
    made = ask(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks}) RETURNING id", *row.values())
    number: int = made.fetchone()["id"]
    return number


def moment() -> Any:
    """Return the current time as the driver takes it."""
    now = datetime.now(UTC)
    return now.strftime("%Y-%m-%d %H:%M:%S.%f") if ON_SQLITE else now


@contextmanager
def whole() -> Iterator[None]:
    """Run a write transaction; on SQLite threads wait in a queue, as SQLite's own waiting is not fair."""
    if not ON_SQLITE:
        with connect().transaction():
            yield
        return
    with writer:
        ask("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            ask("ROLLBACK")
            raise
        ask("COMMIT")
