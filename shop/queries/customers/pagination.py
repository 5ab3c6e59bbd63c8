"""Two ways through a list of customers: what matches is picked out and sorted, or the list is walked in its order.

An index knows each order, but for few matches walking it meets nobody for long; an index of trigrams knows who
matches, but for many it gathers them all to show twenty. So up to a bound is picked, and beyond it walked. Both work
on keys (what the list is sorted by, then the id), which the indexes hold; rows are read for one page alone. A search
may take the database a while, in which other requests have the process (``shop/server/concurrency_limit.py``).
"""

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select, tuple_

from shop.db.session import db
from shop.models import Customer
from shop.queries.customers.search import is_common, is_indexed_apart, text_holds, with_indexed_text, with_text
from shop.server.concurrency_limit import released


class Key(NamedTuple):
    """Where a customer stands in a list."""

    value: int
    id: int


@dataclass(frozen=True, slots=True)
class Way:
    """An order of the list: by a column of Customer, up or down, the id deciding between equals."""

    value: ColumnElement[int]
    descending: bool

    def turned(self) -> "Way":
        """The same from the other end."""
        return Way(self.value, not self.descending)

    def walk(self, after: Key | None, skip: int, size: int, *conditions: ColumnElement[bool]) -> list[Key]:
        """Keys of the customers for whom conditions hold, past a key or the first ``skip``, as the list has them."""
        value, key = self.value, Customer.id.expression
        found = select(value.label("value"), key.label("id")).where(*conditions)
        found = self._turn(found, value, key, after, by_id=value is key)
        with released() if conditions else nullcontext():
            return [Key(*row) for row in db.session.execute(found.limit(size).offset(skip or None)).all()]

    def pick(
        self, search: str, bound: int, after: Key | None, skip: int, size: int, *conditions: ColumnElement[bool]
    ) -> tuple[int, list[Key]]:
        """How many match a search and conditions, up to ``bound + 1``, and keys of a page of these.

        When more than ``bound`` match the keys are of any of them, and it is for the caller to walk.
        """
        everybody = select(self.value.label("value"), Customer.id.label("id")).where(*conditions)
        if is_indexed_apart(search):
            number, keys = self._pick(with_indexed_text(everybody, search), bound, after, skip, size)
            if number > bound or not is_common(search):
                return number, keys
        return self._pick(everybody.where(*text_holds(search)), bound, after, skip, size)

    def _pick(
        self, found: Select[Any, Any], bound: int, after: Key | None, skip: int, size: int
    ) -> tuple[int, list[Key]]:
        hits = found.limit(bound + 1).cte("hits")
        number = select(func.count()).select_from(hits)
        page = select(hits.c.value, hits.c.id, number.scalar_subquery())
        page = self._turn(page, hits.c.value, hits.c.id, after, by_id=False)
        with released():
            rows = db.session.execute(page.limit(size).offset(skip or None)).all()
        if not rows and after is None and skip == 0:
            return 0, []
        matching = rows[0][2] if rows else db.session.scalars(number).one()
        return matching, [Key(*row[:2]) for row in rows]

    def count(self, search: str, after: Key, *conditions: ColumnElement[bool]) -> int:
        """How many who match come after a key; for a few thousand at most."""
        key = Customer.id.expression
        found = with_text(select(self.value.label("value"), key.label("id")), search).where(*conditions)
        hits = found.subquery("hits")
        beyond = self._turn(select(hits.c.id), hits.c.value, hits.c.id, after, by_id=False).order_by(None)
        with released():
            return db.session.scalars(select(func.count()).select_from(beyond.subquery())).one()

    def _turn(
        self,
        found: Any,
        value: ColumnElement[int],
        key: ColumnElement[int],
        after: Key | None,
        *,
        by_id: bool,
    ) -> Any:
        """Put into the order, from a key on."""
        if after is not None:
            here, place = tuple_(value, key), tuple(after)
            found = found.where(here < place if self.descending else here > place)
        columns = [key] if by_id else [value, key]
        return found.order_by(*(column.desc() if self.descending else column.asc() for column in columns))
