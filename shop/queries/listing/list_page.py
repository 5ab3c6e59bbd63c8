"""A page of a list as people see it: its rows, how many match, and the cursors of the pages beside it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from shop.queries.listing.list_query import ListQuery
from shop.queries.listing.pages import read_page
from shop.queries.listing.sort_order import Key, read_cursor

Row = TypeVar("Row")

ROWS: Final = 50


@dataclass(frozen=True, slots=True)
class ListPage(Generic[Row]):
    """A page of a list, empty by default, with the cursors of the pages before and after, None where there is none.

    ``matching`` counts up to ``counted``; beyond, it is one more. ``number`` is that of the first row, None if unknown.
    """

    rows: list[Row] = field(default_factory=list)
    matching: int = 0
    counted: int = 0
    number: int | None = 1
    before: str | None = None
    after: str | None = None

    @property
    def is_many(self) -> bool:
        """Whether more match than were counted."""
        return self.matching > self.counted


def read_list_page(
    query: ListQuery,
    sort: str,
    read: Callable[[list[Key]], list[Row]],
    *,
    after: str | None = None,
    before: str | None = None,
) -> ListPage[Row]:
    """Return a page of up to `ROWS` rows: the first, or the one ``after`` or ``before`` a cursor.

    Raise `InvalidInput` for a cursor that is not one of this order.
    """
    at, back = (read_cursor(cursor, sort, query.order) for cursor in (after, before))
    page = read_page(query, ROWS, after=at, before=back)
    matching = min(page.matching, query.bound + 1)
    return ListPage(read(page.keys), matching, query.bound, page.number, *page.cursors(sort))
