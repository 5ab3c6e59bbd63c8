"""Trigram indexes on SQLite: FTS5 tables that triggers maintain. PostgreSQL's are ordinary indexes."""

from collections.abc import Iterable
from typing import Final

import sqlalchemy
from sqlalchemy import Boolean, ColumnElement, Integer, TableClause, Text, column

from shop.db.session import db

SHORTEST: Final = 3
"""The minimum length of a fragment that a trigram index finds; shorter ones are searched in the texts."""


def trigram_table(name: str) -> TableClause:
    """Return the index with a name; its ``rowid`` is the id of the row that has the text."""
    return sqlalchemy.table(name, column("rowid", Integer), column("search_text", Text))


def contains(index: TableClause, fragments: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that a text of the index contains all fragments of three letters or more."""
    return index.c.search_text.op("MATCH", return_type=Boolean())(quote(fragments))


def quote(fragments: Iterable[str]) -> str:
    """Return the FTS5 query for all fragments of three letters or more."""
    return " ".join('"{}"'.format(one.replace('"', '""')) for one in fragments if len(one) >= SHORTEST)


def is_sqlite() -> bool:
    """Return whether the session's engine is SQLite."""
    return db.session().get_bind().dialect.name == "sqlite"
