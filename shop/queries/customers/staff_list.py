"""The list of customers as staff see it: filtered, searched, sorted, and turned page by page at the same cost.

What matches is picked out first, up to 10,000; when there are more, the list is walked (``customer_walk``).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, func, select

from shop.db.replica import reading_from, reads_from
from shop.db.session import db
from shop.db.tenant import current_shop_id, in_shop
from shop.db.transaction import transaction
from shop.models import Customer, LoyaltyRegistration
from shop.queries.customers.counts import count_customers
from shop.queries.customers.pagination import Key, Way
from shop.queries.customers.search import is_short, text_holds
from shop.services import audit_log
from shop.services.actors import Actor
from shop.services.errors import InvalidInput

ROWS: Final = 50
COUNTED: Final = 10_000
COUNTED_SHORT: Final = 1_000
"""As far as is counted when one or two letters are searched for, which no index knows."""
EXPORTED_AT_ONCE: Final = 1_000
SORTS: Final = ("created", "spent", "points")
CURSOR = re.compile(r"([0-9]{1,18})-([0-9]{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class CustomerFilters:
    """Which customers, and in which order: ``-created`` is newest first, ``spent`` the least money first.

    ``has_points`` and ``registered`` (approved for loyalty) hold when set; limits of money are included; of the last
    order's time, it is before ``last_order_before``.
    """

    search: str = ""
    has_points: bool = False
    registered: bool = False
    spent_from_cents: int | None = None
    spent_to_cents: int | None = None
    last_order_before: datetime | None = None
    sort: str = "-created"

    @property
    def narrows(self) -> bool:
        """Whether any customer may be left out."""
        return replace(self, sort="-created") != CustomerFilters()


class CustomerRow(NamedTuple):
    """A customer in the list; money in cents."""

    id: int
    email: str
    first_name: str
    last_name: str
    phone: str | None
    total_orders: int
    total_spent_cents: int
    points_balance: int
    last_order_at: datetime | None
    created_at: datetime

    @property
    def name(self) -> str:
        """Her name; empty when she gave none."""
        return f"{self.first_name} {self.last_name}".strip()


Place = tuple[Key, CustomerRow]

_COLUMNS = [getattr(Customer, name) for name in CustomerRow._fields]
_VALUES: Final[dict[str, ColumnElement[int]]] = {
    "created": Customer.id.expression,  # ids count up with time
    "spent": Customer.total_spent_cents.expression,
    "points": Customer.points_balance.expression,
}


@dataclass(frozen=True, slots=True)
class CustomerRows:
    """At most 50 customers and the cursors of the pages beside them, None where there is no page.

    ``matching`` counts up to ``counted``, which is 10,000 (1,000 for a search of one or two letters); beyond, it is one
    more. ``number`` is that of the first row, None where it is not known: in the midst of more than were counted.
    """

    customers: list[CustomerRow]
    matching: int
    counted: int
    number: int | None
    before: str | None
    after: str | None

    @property
    def is_many(self) -> bool:
        """Whether there are more than were counted."""
        return self.matching > self.counted


def list_customers(filters: CustomerFilters, *, after: str | None = None, before: str | None = None) -> CustomerRows:
    """A page of the session's shop's customers: the first, or the one ``after`` or ``before`` a cursor.

    Where fewer than a page come before the cursor, it is the first page. Raises InvalidInput for an unknown order, and
    for a cursor that is not one.
    """
    walk = _Walk(filters)
    rows, more = walk.page(after, before, ROWS)
    if before is not None and len(rows) < ROWS:
        after = before = None
        rows, more = walk.page(None, None, ROWS)
    is_first = after is None and (before is None or not more)
    has_next = before is not None or more
    return CustomerRows(
        [row for _, row in rows],
        walk.matching,
        walk.counted,
        number=1 if is_first else walk.number_of(rows),
        before=None if is_first or not rows else _write_cursor(rows[0]),
        after=_write_cursor(rows[-1]) if has_next and rows else None,
    )


def stream_customers(filters: CustomerFilters) -> Iterator[CustomerRow]:
    """All of the session's shop that match, in the list's order, read piece by piece as they are taken.

    They may be taken when the request that asked is over. Raises InvalidInput for an unknown order.
    """
    return _stream(_Walk(filters), current_shop_id(), reading_from())


def _stream(walk: "_Walk", shop_id: int, source: str | None) -> Iterator[CustomerRow]:
    after: str | None = None
    more = True
    while more:
        with in_shop(shop_id), reads_from(source):
            rows, more = walk.page(after, None, EXPORTED_AT_ONCE)
            db.session.rollback()  # no long read: it would keep SQLite from tidying up its log
        yield from (row for _, row in rows)
        after = _write_cursor(rows[-1]) if rows else None


def record_export(actor: Actor) -> None:
    """Put on record that somebody takes the customers' data home."""
    with transaction():
        audit_log.record(actor, "customers.exported", "customers")


class _Walk:
    """One way through the customers that match; ``matching`` is known once a page was read."""

    def __init__(self, filters: CustomerFilters) -> None:
        falling, name = filters.sort.startswith("-"), filters.sort.removeprefix("-")
        if name not in SORTS:
            raise InvalidInput.of("sort", f"must be one of {', '.join(SORTS)}, with - before it for descending")
        self._filters, self._way = filters, Way(_VALUES[name], falling)
        self.counted = COUNTED_SHORT if is_short(filters.search) else COUNTED
        self.matching = 0

    def page(self, after: str | None, before: str | None, size: int) -> tuple[list[Place], bool]:
        """Customers in the list's order, each with its place; and whether more lie beyond."""
        cursor = _read_cursor(before if before is not None else after)
        keys = self._keys(self._way if before is None else self._way.turned(), cursor, size + 1)
        more, rows = len(keys) > size, _read(keys[:size])
        return (rows[::-1] if before is not None else rows), more

    def number_of(self, rows: list[Place]) -> int | None:
        """The number of the first of some rows in the whole list; None when it is not known."""
        if self.matching > self.counted or not rows:
            return None
        search, conditions = self._filters.search, _conditions(self._filters)
        return 1 + self._way.turned().count(search, rows[0][0], *conditions)

    def _keys(self, way: Way, cursor: Key | None, size: int) -> list[Key]:
        if not self._filters.narrows:
            self.matching = min(count_customers(), self.counted + 1)
            return way.walk(cursor, 0, size)
        search, conditions = self._filters.search, _conditions(self._filters)
        self.matching, keys = way.pick(search, self.counted, cursor, 0, size, *conditions)
        if self.matching <= self.counted:
            return keys
        return way.walk(cursor, 0, size, *_conditions(self._filters, walking=True), *text_holds(search))


def _read(keys: list[Key]) -> list[Place]:
    found = db.session.execute(select(*_COLUMNS).where(Customer.id.in_([key.id for key in keys]))) if keys else ()
    rows = {row.id: CustomerRow(*row) for row in found}
    return [(key, rows[key.id]) for key in keys if key.id in rows]


def _conditions(filters: CustomerFilters, *, walking: bool = False) -> list[ColumnElement[bool]]:
    """What must hold of Customer. ``walking`` hides these from the indexes, so that the list's order leads."""

    def met(column: Any) -> Any:
        return func.coalesce(column, column) if walking else column

    found: list[ColumnElement[bool]] = []
    if filters.has_points:
        found.append(met(Customer.points_balance) > 0)
    if filters.spent_from_cents is not None:
        found.append(met(Customer.total_spent_cents) >= filters.spent_from_cents)
    if filters.spent_to_cents is not None:
        found.append(met(Customer.total_spent_cents) <= filters.spent_to_cents)
    if filters.last_order_before is not None:
        found.append(met(Customer.last_order_at) < filters.last_order_before)
    if filters.registered:
        approved = select(LoyaltyRegistration.customer_id).where(LoyaltyRegistration.status == "approved")
        hers = approved.where(LoyaltyRegistration.customer_id == Customer.id)
        found.append(hers.exists() if walking else Customer.id.in_(approved))
    return found


def _write_cursor(place: Place) -> str:
    return f"{place[0][0]}-{place[0][1]}"


def _read_cursor(cursor: str | None) -> Key | None:
    if cursor is None:
        return None
    found = CURSOR.fullmatch(cursor)
    if found is None:
        raise InvalidInput.of("cursor", "must be one of a page of this list")
    return Key(int(found[1]), int(found[2]))
