"""Insert millions of rows without the models: COPY on PostgreSQL, executemany on SQLite.

Meanwhile triggers, foreign keys and indexes other than those of unique constraints are dropped; they are recreated
unchanged at the end, which is much faster. Only for a temporary database.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg

Row = Sequence[Any]


class Bulk(Protocol):
    """Tables that are being filled."""

    def add(self, table: str, columns: str, rows: Iterable[Row]) -> None:
        """Add rows, ids among them. Times are texts in UTC, JSON is text."""

    def run(self, sql: str) -> None:
        """Execute a statement."""


@contextmanager
def filling(url: str, tables: Sequence[str]) -> Iterator[Bulk]:
    """Yield tables to fill until the block ends; a SQLite file must have no other connection."""
    if url.startswith("sqlite"):
        yield from _filling_sqlite(url.removeprefix("sqlite:///"), tables)
    else:
        yield from _filling_postgresql(plain(url), tables)


def plain(url: str) -> str:
    """Return a database URL as the drivers take it."""
    return re.sub(r"^postgresql\+psycopg:", "postgresql:", url)


class _Sqlite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, table: str, columns: str, rows: Iterable[Row]) -> None:
        marks = ", ".join("?" * len(columns.split(",")))
        self.run("BEGIN")
        self._connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
        self.run("COMMIT")

    def run(self, sql: str) -> None:
        self._connection.execute(sql)


def _filling_sqlite(path: str, tables: Sequence[str]) -> Iterator[Bulk]:
    connection = sqlite3.connect(path, isolation_level=None)
    bulk = _Sqlite(connection)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -400000", "temp_store = MEMORY"):
        bulk.run(f"PRAGMA {pragma}")
    marks = ", ".join("?" * len(tables))
    aside = connection.execute(
        "SELECT type, name, sql FROM sqlite_master "
        f"WHERE type IN ('index', 'trigger') AND sql IS NOT NULL AND tbl_name IN ({marks})",
        tables,
    ).fetchall()
    for kind, name, _sql in aside:
        bulk.run(f'DROP {kind} "{name}"')
    yield bulk
    for _kind, _name, sql in sorted(aside):  # indexes first
        bulk.run(sql)
    bulk.run("ANALYZE")
    bulk.run("PRAGMA journal_mode = WAL")
    connection.close()


class _Postgresql:
    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection

    def add(self, table: str, columns: str, rows: Iterable[Row]) -> None:
        into = f"COPY {table} ({columns}) FROM STDIN"
        with self._connection.cursor() as cursor, cursor.copy(into) as copy:  # type: ignore[arg-type] (no literal)
            for row in rows:
                copy.write_row(row)

    def run(self, sql: str) -> None:
        self._connection.execute(sql)  # type: ignore[arg-type] (no literal)


ASIDE = """
SELECT 'ALTER TABLE ' || conrelid::regclass || ' DROP CONSTRAINT ' || quote_ident(conname),
       'ALTER TABLE ' || conrelid::regclass || ' ADD CONSTRAINT ' || quote_ident(conname) || ' '
           || pg_get_constraintdef(oid)
FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%(tables)s::regclass[])
UNION ALL
SELECT 'DROP INDEX ' || indexrelid::regclass, pg_get_indexdef(indexrelid)
FROM pg_index WHERE indrelid = ANY(%(tables)s::regclass[])
AND NOT indisunique
"""


def _filling_postgresql(url: str, tables: Sequence[str]) -> Iterator[Bulk]:
    with psycopg.connect(url, autocommit=True) as connection:
        bulk = _Postgresql(connection)
        for setting in ("timezone = 'UTC'", "synchronous_commit = off", "maintenance_work_mem = '512MB'"):
            bulk.run(f"SET {setting}")
        aside = connection.execute(ASIDE, {"tables": list(tables)}).fetchall()
        for away, _again in aside:
            bulk.run(away)
        for table in tables:
            bulk.run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield bulk
        for _away, again in sorted(
            aside, key=lambda pair: "FOREIGN KEY" in pair[1]
        ):  # keys need no index, but like them
            bulk.run(again)
        for table in tables:
            bulk.run(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            last = f"GREATEST(1, (SELECT max(id) FROM {table}))"
            bulk.run(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {last})")
        bulk.run("VACUUM ANALYZE")  # autovacuum would come to it in a minute
