"""Readiness of the process: the database answers, has this version's schema, and accepts writes."""

import re
import shutil
import time
from functools import cache
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError

from shop.config import RESOURCES
from shop.db.failures import BUSY, DISK_FULL, classify, describe
from shop.db.session import db

NAMED = re.compile(r'^(revision|down_revision) = "(\w+)"', re.MULTILINE)


OLDER = "The database's migrations are not current: run tuza db upgrade."
NEWER = (
    "The database was migrated by a newer version of Tuza than this one: start that version, or restore a backup of "
    "this one's."
)
MIN_FREE_BYTES = 1024 * 1024
"""Transactions may fail with less free space."""


def check_readiness(*, writes: bool = False) -> list[str]:
    """Return the problems that prevent the process from serving, as sentences; with ``writes``, also from saving."""
    try:
        migrated = inspect(db.session.connection()).has_table("alembic_version")
        current = set(db.session.scalars(text("SELECT version_num FROM alembic_version"))) if migrated else set()
        db.session.rollback()
    except SQLAlchemyError as error:
        return [describe(error)]
    known, newest = _revisions()
    if current - known:
        return [NEWER]
    if current != newest:
        return [OLDER]
    problem = write_problem() if writes else None
    return [problem] if problem else []


def sqlite_folder() -> Path | None:
    """Return the folder of the SQLite file; None on PostgreSQL."""
    url = db.engine.url
    return Path(url.database).parent if url.get_backend_name() == "sqlite" and url.database else None


def write_problem() -> str | None:
    """Return what prevents SQLite from saving: writes a page in a transaction that is rolled back."""
    folder = sqlite_folder()
    if folder is None:
        return None
    if shutil.disk_usage(folder).free < MIN_FREE_BYTES:
        return DISK_FULL.detail
    try:
        with db.engine.connect().execution_options(tuza_write_deadline=time.monotonic()) as connection:
            connection.exec_driver_sql("CREATE TABLE tuza_write_probe (content BLOB)")
            connection.exec_driver_sql("INSERT INTO tuza_write_probe VALUES (zeroblob(65536))")
            connection.rollback()
    except SQLAlchemyError as error:
        return None if classify(error) is BUSY else describe(error)  # busy: another transaction is writing
    return None


@cache
def _revisions() -> tuple[set[str], set[str]]:
    """Return all revisions and the heads, read from the files: importing Alembic takes much longer."""
    named: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for file in (RESOURCES / "migrations" / "versions").glob("*.py"):
        for kind, revision in NAMED.findall(file.read_text()):
            named[kind].add(revision)
    return named["revision"], named["revision"] - named["down_revision"]
