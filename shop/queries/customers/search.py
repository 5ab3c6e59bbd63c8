"""Search for customers by parts of names or e-mails, or by digits of phone numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, not_, select

from shop.db.prepared import PreparedQuery
from shop.db.session import db
from shop.db.trigrams import SHORTEST, contains, is_sqlite, quote, trigram_table
from shop.db.upsert import like_fragment
from shop.domain.text.search import search_words
from shop.models import Customer
from shop.queries.listing.list_query import Matches
from shop.queries.listing.sort_order import Section

RARE: Final = 30_000
"""Up to this many matches SQLite's index is used; with more, a scan finds enough soon."""
_TRIGRAMS: Final = trigram_table("customer_words")
_IS_COMMON = PreparedQuery(
    select(_TRIGRAMS.c.rowid).where(_TRIGRAMS.c.search_text.op("MATCH")(bindparam("words"))).limit(1).offset(RARE),
    all_tenants=True,
)

Conditions = Sequence[ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Fragments:
    """Texts that contain all of ``held``, and not all of ``excluded`` if there are any."""

    held: tuple[str, ...]
    excluded: tuple[str, ...] = ()

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions on a customer."""
        found = [_holds(one) for one in self.held]
        return [*found, not_(and_(*map(_holds, self.excluded)))] if self.excluded else found

    @property
    def is_indexed(self) -> bool:
        """Whether SQLite's index can be used."""
        return any(len(one) >= SHORTEST for one in self.held) and is_sqlite()

    def through_customers(self, statement: Select[Any], owned: Any) -> Select[Any]:
        """Return a statement about ``owned``, a model with a `customer_id`, restricted as `through_index` does."""
        there = self._indexed().limit(RARE + 1).subquery("there")
        found = statement.select_from(there).join(owned, owned.customer_id == there.c.rowid + 0)
        return found.join(Customer, Customer.id == owned.customer_id).where(*self._unindexed())

    def through_index(self, statement: Select[Any]) -> Select[Any]:
        """Return the statement restricted by SQLite's index, up to `RARE` matches, read as they are needed."""
        there = self._indexed().limit(RARE + 1).subquery("there")
        return statement.select_from(there).join(Customer, Customer.id == there.c.rowid + 0).where(*self._unindexed())

    def is_common(self) -> bool:
        """Return whether more than `RARE` texts of all shops contain the fragments."""
        return _IS_COMMON(words=quote(self.held)).first() is not None

    def along_index(self, more: Conditions) -> Matches:
        """Return the matches in the order of SQLite's index, which is that of the ids, so that no sort is needed."""
        conditions = (self._is_indexed(), *more, *self._unindexed())
        return Matches(conditions, conditions, key_columns=(_TRIGRAMS.c.rowid,), join=_with_trigrams)

    def _indexed(self) -> Select[int]:
        return select(_TRIGRAMS.c.rowid).where(self._is_indexed())

    def _is_indexed(self) -> ColumnElement[bool]:
        return contains(_TRIGRAMS, self.held)

    def _unindexed(self) -> list[ColumnElement[bool]]:
        """Return the conditions that the index does not answer."""
        rest = [_holds(one) for one in self.held if len(one) < SHORTEST]
        return [*rest, not_(and_(*map(_holds, self.excluded)))] if self.excluded else rest

    def matches(self, more: Conditions = (), in_order: Conditions = (), *, by_id: bool = False) -> Matches:
        """Return the matches of a list of customers, with further conditions; ``by_id`` if it is in that order."""
        is_indexed = self.is_indexed
        return Matches(
            (*more, *self.conditions()),
            (*in_order, *self.conditions()),
            (lambda found: self.through_index(found.where(*more))) if is_indexed else None,
            self.is_common,
            self.along_index(in_order) if by_id and is_indexed else None,
        )


@dataclass(frozen=True, slots=True)
class RankedSearch:
    """A parsed search: ``whole`` matches anywhere; each match is in one of ``ranks``, the best first.

    The ranks are: every word typed is a whole word, begins one, or is inside one.
    """

    whole: Fragments
    ranks: tuple[Fragments, ...]

    def sections(self) -> tuple[Section, ...]:
        """Return the sections of a list with the best matches first; the first section that matches applies."""
        *better, _last = self.ranks  # the last has all the rest
        return (*(Section(len(better) - n, contains_all(rank.held)) for n, rank in enumerate(better)), Section())

    @property
    def is_short(self) -> bool:
        """Whether it is too short for the trigram index."""
        return all(len(word) < SHORTEST for word in self.whole.held)


def read_search(typed: str) -> RankedSearch | None:
    """Return the parsed search; None if it has no word."""
    words = search_words(typed)
    if not words:
        return None
    exact, begins = tuple(f" {word} " for word in words), tuple(f" {word}" for word in words)
    return RankedSearch(Fragments(words), (Fragments(exact), Fragments(begins, exact), Fragments(words, begins)))


def find_customer_ids(fragments: Fragments, limit: int) -> list[int]:
    """Return the ids of up to ``limit`` matching customers, unordered."""
    matches = fragments.matches()
    ids = select(Customer.id)
    if matches.through_index is not None:
        found = list(db.session.scalars(matches.through_index(ids).limit(limit)))
        if len(found) >= limit or not matches.is_common():
            return found
    return list(db.session.scalars(ids.where(*matches.conditions).limit(limit)))


def _with_trigrams(statement: Select[Any]) -> Select[Any]:
    return statement.select_from(Customer).join(_TRIGRAMS, Customer.id == _TRIGRAMS.c.rowid)


def contains_all(
    fragments: Sequence[str], text: ColumnElement[str] = Customer.search_text.expression
) -> tuple[ColumnElement[bool], ...]:
    """Return the same conditions with LIKE, for rows that are read anyway: about three times as fast on SQLite."""
    position = func.instr if is_sqlite() else func.strpos
    return tuple(position(text, one) > 0 for one in fragments)


@lru_cache(1_000)
def _holds(fragment: str) -> ColumnElement[bool]:
    return Customer.search_text.like(like_fragment(fragment), escape="\\")
