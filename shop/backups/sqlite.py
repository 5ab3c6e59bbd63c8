"""Copy and restore a SQLite database in use, with SQLite's online backup."""

import sqlite3
from contextlib import closing
from pathlib import Path

from shop.backups.archive import BackupError, Manifest

BUSY_SECONDS = 60


def copy(source: Path, target: Path) -> None:
    """Copy a database in use, as of one moment, to one file."""
    with closing(_open(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode = DELETE")  # no part of it stays in a second file


def put_back(source: Path, live: Path) -> None:
    """Replace a database's contents under its lock, page by page. Open connections see the new contents."""
    live.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(live, timeout=BUSY_SECONDS)) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode = WAL")


def describe(copied: Path, made_at: str) -> Manifest:
    """Return the manifest of a copy. Raise BackupError if SQLite finds it damaged."""
    with closing(_open(copied)) as base:
        try:
            if base.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise BackupError("SQLite finds the database damaged.")
            (schema,) = base.execute("SELECT version_num FROM alembic_version").fetchone()
            tables = [
                name
                for (name,) in base.execute(
                    "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
                )
                if not name.startswith(("sqlite_", "customer_words_", "product_words_"))
            ]
            counts = {name: base.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in sorted(tables)}  # noqa: S608
            (points,) = base.execute("SELECT coalesce(sum(points), 0) FROM loyalty_entries").fetchone()
        except sqlite3.DatabaseError as wrong:
            raise BackupError(f"The database cannot be read: {wrong}.") from None
    return Manifest(made_at, "sqlite", sqlite3.sqlite_version, schema, counts, points)


def _open(path: Path) -> sqlite3.Connection:
    if not path.exists():
        raise BackupError(f"There is no database {path}.")
    return sqlite3.connect(path, timeout=BUSY_SECONDS)
