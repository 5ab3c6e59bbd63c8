"""Customers found by what is typed: parts of names, of e-mails, or digits of phone numbers."""

from typing import Final, TypeVarTuple

from sqlalchemy import ColumnElement, Select, column, func, select, table

from shop.db.session import db
from shop.db.upsert import like_fragment
from shop.domain.search_text import search_words
from shop.models import Customer

SHORTEST: Final = 3
"""Letters that the index of trigrams needs; fewer are looked for in the texts themselves."""
RARE: Final = 30_000
"""Up to so many texts with the words are looked up by the index; more are met soon enough in any order."""

Columns = TypeVarTuple("Columns")

_TRIGRAMS = table("customer_words", column("rowid"), column("search_text"))
"""SQLite's index; PostgreSQL has its own on the texts and needs no telling."""


def with_text(statement: Select[*Columns], typed: str) -> Select[*Columns]:
    """A statement about customers, held to those in whom all words of a search as typed occur, each anywhere.

    On SQLite rare words are looked up in the index of trigrams.
    """
    if not is_indexed_apart(typed) or is_common(typed):
        return statement.where(*text_holds(typed))
    return with_indexed_text(statement, typed)


def is_indexed_apart(typed: str) -> bool:
    """Whether words can be looked up in SQLite's index; PostgreSQL looks into its own by itself."""
    return any(len(word) >= SHORTEST for word in search_words(typed)) and (
        db.session().get_bind().dialect.name == "sqlite"
    )


def is_common(typed: str) -> bool:
    """Whether more texts of SQLite's index, of all shops, hold the words than are looked up by it."""
    return count_to(_indexed(typed), RARE) > RARE


def with_indexed_text(statement: Select[*Columns], typed: str) -> Select[*Columns]:
    """The same as :func:`with_text` by SQLite's index, and no further than it is used: of common words a part."""
    there = _indexed(typed).limit(RARE + 1).subquery("there")
    short = [_holds(word) for word in search_words(typed) if len(word) < SHORTEST]
    return statement.join(there, Customer.id == there.c.rowid + 0).where(*short)


def _indexed(typed: str) -> Select[int]:
    long = [word for word in search_words(typed) if len(word) >= SHORTEST]
    quoted = " ".join('"{}"'.format(word.replace('"', '""')) for word in long)
    return select(_TRIGRAMS.c.rowid).where(_TRIGRAMS.c.search_text.op("MATCH")(quoted))


def text_holds(typed: str) -> list[ColumnElement[bool]]:
    """The same as conditions, asked of each text that is met."""
    return [_holds(word) for word in search_words(typed)]


def is_short(typed: str) -> bool:
    """Whether the index of trigrams cannot help: each text has to be looked at."""
    words = search_words(typed)
    return bool(words) and all(len(word) < SHORTEST for word in words)


def count_to(ids: Select[int], bound: int) -> int:
    """How many rows a statement finds; ``bound + 1`` when there are more than ``bound``, which costs no more."""
    return db.session.scalars(select(func.count()).select_from(ids.limit(bound + 1).subquery())).one()


def _holds(word: str) -> ColumnElement[bool]:
    return Customer.search_text.like(like_fragment(word), escape="\\")
