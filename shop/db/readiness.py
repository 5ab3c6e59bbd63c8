"""Whether this process could serve: the database answers, and it has the tables this version expects."""

import re
from functools import cache

from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError

from shop.config import RESOURCES
from shop.db.session import db

NAMED = re.compile(r'^(revision|down_revision) = "(\w+)"', re.MULTILINE)


def check_readiness() -> list[str]:
    """What stands in the way, as sentences; empty when nothing does."""
    try:
        migrated = inspect(db.session.connection()).has_table("alembic_version")
        current = set(db.session.scalars(text("SELECT version_num FROM alembic_version"))) if migrated else set()
        db.session.rollback()
    except SQLAlchemyError:
        return ["The database cannot be reached."]
    if current != _newest():
        return ["The database's migrations are not current: run tuza db upgrade."]
    return []


@cache
def _newest() -> set[str]:
    """The revisions that no migration comes after, read from the files: Alembic itself takes a while to import."""
    named: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for file in (RESOURCES / "migrations" / "versions").glob("*.py"):
        for kind, revision in NAMED.findall(file.read_text()):
            named[kind].add(revision)
    return named["revision"] - named["down_revision"]
