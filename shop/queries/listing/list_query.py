"""The contents and order of a list."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func

from shop.queries.listing.sort_order import SortOrder


def _all(statement: Select[Any]) -> Select[Any]:
    return statement


@dataclass(frozen=True, slots=True)
class Matches:
    """Matching rows: by ``conditions`` that indexes may serve, or by ``in_order``, the same hidden from the planner.

    ``through_index`` restricts a statement by an index that the planner does not know; it finds all matches unless
    ``is_common``; ``along_index`` are the same matches in the order of that index, if the list has it, with its
    ``key_columns``. ``join`` adds the tables of the conditions.
    """

    conditions: tuple[ColumnElement[bool], ...] = ()
    in_order: tuple[ColumnElement[bool], ...] = ()
    through_index: Callable[[Select[Any]], Select[Any]] | None = None
    is_common: Callable[[], bool] = lambda: False
    along_index: "Matches | None" = None
    key_columns: tuple[ColumnElement[Any], ...] = ()
    join: Callable[[Select[Any]], Select[Any]] = _all


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A list: its sort order, its matches, and those of each section of the order.

    ``sections`` are computed only if more rows match than are sorted; None is an empty one. ``total`` is the number of
    all rows for a list without search and filters. ``is_indexed``: indexes have the matches in the list's order.
    ``ranges`` are disjoint parts of the matches, each indexed in that order: they are merged and not counted.
    """

    order: SortOrder
    matches: Matches = Matches()
    sections: Callable[[], tuple[Matches | None, ...]] = lambda: (Matches(),)
    bound: int = 10_000
    total: Callable[[], int] | None = None
    is_indexed: bool = False
    ranges: tuple[Matches, ...] = ()

    def reversed(self) -> "ListQuery":
        """Return the list in the opposite order."""
        return replace(self, order=self.order.reversed(), sections=lambda: self.sections()[::-1])


def indexed(column: Any) -> Any:
    """Return the column: indexes may serve conditions on it."""
    return column


def unindexed(column: Any) -> Any:
    """Return an expression with the same value that no index serves."""
    return func.coalesce(column, column)


def in_sections(order: SortOrder, whole: Matches) -> tuple[Matches, ...]:
    """Return the matches within each section of a sort order."""
    return tuple(
        replace(
            whole,
            conditions=(*section.conditions, *whole.conditions),
            in_order=(*section.conditions, *whole.in_order),
            through_index=None,
        )
        for section in order.sections
    )
