"""Keyset pages of a list: its matches are sorted while they are few, else the list is scanned in its order.

An index serves each sort order, but scanning it for few matches reads everything; indexes find matches, but sorting
many of them to show twenty is slow. So up to ``bound`` matches are sorted, and beyond that the list is scanned. Both
read keys only; a list reads the rows of one page. A search releases the process's slot while the database works.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from heapq import merge
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Select, func, literal, select

from shop.db.replica import reading_from, reads_from
from shop.db.session import db
from shop.db.tenant import current_shop_id, in_shop
from shop.queries.listing.list_query import ListQuery, Matches
from shop.queries.listing.sort_order import Key, SortOrder, write_cursor
from shop.server.concurrency_limit import released

Row = TypeVar("Row")


class Page(NamedTuple):
    """Keys of a page in the list's order, and the keys to page on from, None where there is no page.

    ``matching`` counts up to the list's bound and is one more beyond; ``number`` is that of the first row, from 1,
    None where it is not known.
    """

    keys: list[Key]
    matching: int
    number: int | None
    before: Key | None
    after: Key | None

    def cursors(self, sort: str) -> tuple[str | None, str | None]:
        """Return the cursors to page back and on from."""
        before = None if self.before is None else write_cursor(sort, self.before)
        return before, None if self.after is None else write_cursor(sort, self.after)


def read_page(query: ListQuery, size: int, *, after: Key | None = None, before: Key | None = None) -> Page:
    """Return a page: the first, or the one after or before a key; the first if less than a page comes before it."""
    if before is not None:
        matching, keys = find_keys(query.reversed(), before, 0, size + 1)
        if len(keys) < size:
            return read_page(query, size)
        more, keys = len(keys) > size, keys[:size][::-1]
        is_first, has_next = not more, True
    else:
        matching, keys = find_keys(query, after, 0, size + 1)
        has_next, keys = len(keys) > size, keys[:size]
        is_first = after is None
    return Page(
        keys,
        matching,
        number=1 if is_first else _number_of(query, matching, keys),
        before=None if is_first or not keys else keys[0],
        after=keys[-1] if has_next and keys else None,
    )


def stream_rows(query: ListQuery, size: int, read: Callable[[list[Key]], list[Row]]) -> Iterator[list[Row]]:
    """Yield all matching rows, ``size`` at a time.

    May be consumed after the request that made it. No transaction is open between two batches: a long one would keep
    SQLite from truncating its WAL.
    """
    return _stream(query, size, read, current_shop_id(), reading_from())


def _stream(
    query: ListQuery, size: int, read: Callable[[list[Key]], list[Row]], shop_id: int, source: str | None
) -> Iterator[list[Row]]:
    after: Key | None = None
    more = True
    while more:
        with in_shop(shop_id), reads_from(source):
            _matching, keys = find_keys(query, after, 0, size + 1)
            more, keys = len(keys) > size, keys[:size]
            rows = read(keys)
            db.session.rollback()
        yield rows
        after = keys[-1] if keys else None


def find_keys(query: ListQuery, after: Key | None, skip: int, size: int) -> tuple[int, list[Key]]:
    """Return how many rows match, up to ``bound + 1``, and the keys after ``after`` without the first ``skip``.

    Rows merged from ranges are not counted: the number is ``bound + 1`` then.
    """
    if query.ranges:
        return query.bound + 1, _merge_ranges(query, after, skip, size)
    if query.total is not None:
        return query.total(), _scan_sections(query, after, skip, size)
    if query.is_indexed:
        return _scan_and_count(query, after, skip, size)
    matching, keys = match_first(query.order, query.matches, query.bound, after, skip, size)
    if matching <= query.bound:
        return matching, keys
    return matching, _scan_sections(query, after, skip, size)


def find_counted(query: ListQuery, after: Key | None, skip: int, size: int) -> tuple[int, list[Key]]:
    """Return the exact number of matches, and keys as `find_keys` does.

    Up to ``bound`` matches are counted with the page; more by a separate statement.
    """
    matching, keys = find_keys(query, after, skip, size)
    if query.total is not None or matching <= query.bound:
        return matching, keys
    return count_matches(query), keys


def count_matches(query: ListQuery) -> int:
    """Return how many rows match the conditions of a list."""
    found = query.matches.join(select(func.count(query.order.columns[-1]))).where(*query.matches.conditions)
    return int(db.session.scalars(found).one())


def match_first(
    order: SortOrder, matches: Matches, bound: int, after: Key | None, skip: int, size: int
) -> tuple[int, list[Key]]:
    """Return how many rows match, up to ``bound + 1``, and keys of a page of them.

    If more than ``bound`` match, the keys are of any of them.
    """
    found = order.keys
    if matches.through_index is not None:
        number, keys = _sort_matches(order, matches.through_index(found), bound, after, skip, size)
        if number > bound or not matches.is_common():
            return number, keys
    return _sort_matches(order, matches.join(found).where(*matches.conditions), bound, after, skip, size)


def _sort_matches(
    order: SortOrder, found: Select[Any], bound: int, after: Key | None, skip: int, size: int
) -> tuple[int, list[Key]]:
    hits = found.limit(bound + 1).cte("hits")
    number = select(func.count()).select_from(hits)
    page = _past(order, select(*hits.c, number.scalar_subquery()), hits.c, after)
    page = order.sort(page, _sorted_by(order, hits.c))
    with released():
        rows = db.session.execute(page.limit(size).offset(skip or None)).all()
        if rows:
            return rows[0][-1], [tuple(row[:-1]) for row in rows]
        matching = 0 if after is None and skip == 0 else db.session.scalars(number).one()
    return matching, []


def _sorted_by(order: SortOrder, columns: Any) -> list[ColumnElement[Any]]:
    rank, *values = columns
    return values if len(order.sections) == 1 else [rank, *values]


def _past(order: SortOrder, statement: Select[Any], columns: Any, after: Key | None) -> Select[Any]:
    if after is None:
        return statement
    by = _sorted_by(order, columns)
    return statement.where(order.past(by, after[-len(by) :]))


def _scan_sections(query: ListQuery, after: Key | None, skip: int, size: int) -> list[Key]:
    """Return the keys of a page, section by section; a section with few matches is sorted, others are scanned."""
    keys: list[Key] = []
    sections = query.sections()
    if sum(matches is not None for matches in sections) == 1:
        query = replace(query, bound=0)  # it has all matches, which are too many to be sorted
    for place, section in enumerate(query.order.sections):
        matches = sections[place]
        past = after if after is not None and after[0] == section.rank else None
        is_before = after is not None and past is None and _comes_before(query.order, section.rank, after[0])
        if matches is None or (is_before and not keys):
            continue
        found = _read_section(query, place, matches, past, skip, size - len(keys))
        if skip and not found and place < len(sections) - 1:
            skip -= _count_section(query.order, matches, skip)
        elif found:
            skip = 0
        keys += found
        if len(keys) >= size:
            break
    return keys


def _comes_before(order: SortOrder, rank: int, other: int) -> bool:
    return rank > other if order.descending else rank < other


def _read_section(query: ListQuery, place: int, matches: Matches, after: Key | None, skip: int, size: int) -> list[Key]:
    order, section = query.order, query.order.sections[place]
    if matches.along_index is not None and not matches.is_common():
        return scan_in_order(order, place, matches.along_index, after, skip, size)
    if query.total is None and len(order.sections) > 1:
        alone = replace(order, sections=(section,))
        number, keys = match_first(alone, matches, query.bound, after, skip, size)
        if number <= query.bound:
            return keys
    return scan_in_order(order, place, matches, after, skip, size)


def _scan_and_count(query: ListQuery, after: Key | None, skip: int, size: int) -> tuple[int, list[Key]]:
    matched = select(query.order.columns[-1]).where(*query.matches.conditions).limit(query.bound + 1)
    number = select(func.count()).select_from(matched.subquery())
    found = _in_order(query.order, 0, query.matches, after).add_columns(number.scalar_subquery())
    rows = db.session.execute(found.limit(size).offset(skip or None)).all()
    if not rows:
        return (0 if after is None and not skip else db.session.scalars(number).one()), []
    return rows[0][-1], [tuple(row[:-1]) for row in rows]


def scan_in_order(order: SortOrder, place: int, matches: Matches, after: Key | None, skip: int, size: int) -> list[Key]:
    """Return keys of a section's rows in the order of the sort index."""
    found = _in_order(order, place, matches, after)
    with released() if matches.in_order else nullcontext():
        return [tuple(row) for row in db.session.execute(found.limit(size).offset(skip or None))]


def _in_order(order: SortOrder, place: int, matches: Matches, after: Key | None) -> Select[Any]:
    section = order.sections[place]
    all_columns = matches.key_columns or order.index_columns or order.columns
    constants, columns = order.columns[: section.constant], all_columns[section.constant :]
    found = select(literal(section.rank), *constants, *columns).where(*matches.in_order)
    if after is not None:
        found = found.where(order.past(columns, after[-len(columns) :]))
    return order.sort(matches.join(found), columns)


def _merge_ranges(query: ListQuery, after: Key | None, skip: int, size: int) -> list[Key]:
    found = [scan_in_order(query.order, 0, matches, after, 0, skip + size) for matches in query.ranges]
    return list(merge(*found, reverse=query.order.descending))[skip : skip + size]


def _count_section(order: SortOrder, matches: Matches, up_to: int) -> int:
    found = matches.join(select(order.columns[-1])).where(*matches.conditions)
    return db.session.scalars(select(func.count()).select_from(found.limit(up_to).subquery())).one()


def _number_of(query: ListQuery, matching: int, keys: Sequence[Key]) -> int | None:
    """Return the number of the first row in the whole list; None if more match than are counted."""
    if matching > query.bound or not keys:
        return None
    order = query.order.reversed()
    found = order.keys
    if query.matches.through_index is not None and not query.matches.is_common():
        found = query.matches.through_index(found)
    else:
        found = query.matches.join(found).where(*query.matches.conditions)
    hits = found.subquery("hits")
    before = _past(order, select(list(hits.c)[-1]), hits.c, keys[0])
    with released():
        return 1 + db.session.scalars(select(func.count()).select_from(before.subquery())).one()
