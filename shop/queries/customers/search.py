"""Customers found by what is typed: parts of names, of e-mails, or digits of phone numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, column, func, not_, select, table

from shop.db.session import db
from shop.db.upsert import like_fragment
from shop.domain.search_text import search_words
from shop.models import Customer
from shop.queries.listing.pages import Matches

TRIGRAM: Final = 3
"""Letters that the index of trigrams needs; shorter fragments are looked for in the texts themselves."""
RARE: Final = 30_000
"""Up to so many texts are looked up by SQLite's index; if more match, scanning meets them soon."""
_TRIGRAMS = table("customer_words", column("rowid"), column("search_text"))
"""SQLite's index; PostgreSQL has its own on the texts, which its planner knows."""


Conditions = Sequence[ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Fragments:
    """Texts that hold all of ``held``, and not all of ``excluded`` if there are any."""

    held: tuple[str, ...]
    excluded: tuple[str, ...] = ()

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return what must hold of a customer."""
        found = [_holds(one) for one in self.held]
        return [*found, not_(and_(*map(_holds, self.excluded)))] if self.excluded else found

    def through_index(self, statement: Select[Any]) -> Select[Any]:
        """Return the statement restricted by SQLite's index, up to `RARE` matches."""
        there = self._indexed().limit(RARE + 1).subquery("there")
        rest = [_holds(one) for one in self.held if len(one) < TRIGRAM]
        rest += [not_(and_(*map(_holds, self.excluded)))] if self.excluded else []
        return statement.join(there, Customer.id == there.c.rowid + 0).where(*rest)

    def is_common(self) -> bool:
        """Return whether more than `RARE` texts of all shops hold the fragments."""
        return count_to(self._indexed(), RARE) > RARE

    def _indexed(self) -> Select[int]:
        quoted = " ".join('"{}"'.format(one.replace('"', '""')) for one in self.held if len(one) >= TRIGRAM)
        return select(_TRIGRAMS.c.rowid).where(_TRIGRAMS.c.search_text.op("MATCH")(quoted))

    def matches(
        self, more: Sequence[ColumnElement[bool]] = (), in_order: Sequence[ColumnElement[bool]] = ()
    ) -> Matches:
        """Return the matches of a list of customers, with further conditions."""
        is_indexed = any(len(one) >= TRIGRAM for one in self.held) and is_sqlite()
        return Matches(
            (*more, *self.conditions()),
            (*in_order, *self.conditions()),
            (lambda found: self.through_index(found.where(*more))) if is_indexed else None,
            self.is_common,
        )


@dataclass(frozen=True, slots=True)
class RankedSearch:
    """What was typed: ``whole`` matches anywhere; each match is in one of ``ranks``, the best first.

    A rank is of texts in which every word typed is a whole word, begins one, or is inside one.
    """

    whole: Fragments
    ranks: tuple[Fragments, ...]

    @property
    def is_short(self) -> bool:
        """Whether no index of trigrams can help."""
        return all(len(word) < TRIGRAM for word in self.whole.held)


def read_search(typed: str) -> RankedSearch | None:
    """Return how to search for what was typed; None if that has no word."""
    words = search_words(typed)
    if not words:
        return None
    exact, begins = tuple(f" {word} " for word in words), tuple(f" {word}" for word in words)
    return RankedSearch(Fragments(words), (Fragments(exact), Fragments(begins, exact), Fragments(words, begins)))


def find_customer_ids(fragments: Fragments, limit: int) -> list[int]:
    """Return the ids of up to ``limit`` customers whose texts match, in no order."""
    matches = fragments.matches()
    ids = select(Customer.id)
    if matches.through_index is not None:
        found = list(db.session.scalars(matches.through_index(ids).limit(limit)))
        if len(found) >= limit or not matches.is_common():
            return found
    return list(db.session.scalars(ids.where(*matches.conditions).limit(limit)))


def count_to(ids: Select[int], bound: int) -> int:
    """Return how many rows a statement finds, up to ``bound + 1``."""
    return db.session.scalars(select(func.count()).select_from(ids.limit(bound + 1).subquery())).one()


def is_sqlite() -> bool:
    """Return whether the session's engine is SQLite."""
    return db.session().get_bind().dialect.name == "sqlite"


def _holds(fragment: str) -> ColumnElement[bool]:
    return Customer.search_text.like(like_fragment(fragment), escape="\\")
