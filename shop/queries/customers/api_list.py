"""The admin API's list of customers: search, sort, page by number or cursor (``docs/contract/api.md``, section 2)."""

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Row, bindparam, select

from shop.db.prepared import SHOP, Prepared, table
from shop.models import Address, Customer
from shop.models.base import BigId
from shop.queries.customers.counts import count_customers, offset_to_id
from shop.queries.customers.pagination import Key, Way
from shop.queries.customers.search import text_holds
from shop.services.errors import InvalidInput

EXACT_UP_TO = 10_000
_VALUES: Final[dict[str, ColumnElement[int]]] = {
    "created_at": Customer.id.expression,  # ids count up with time
    "total_spent": Customer.total_spent_cents.expression,
    "points_balance": Customer.points_balance.expression,
}
SORTS = tuple(_VALUES)


class ListedAddress(NamedTuple):
    """An address of a customer in the list."""

    id: int
    type: str
    address1: str
    city: str
    state: str
    zip: str
    country: str


class ListedCustomer(NamedTuple):
    """A customer in the list; money in cents. Columns, since rows are only read and there are many."""

    id: int
    email: str
    first_name: str
    last_name: str
    phone: str | None
    total_orders: int
    total_spent_cents: int
    created_at: datetime
    addresses: list[ListedAddress]


_CUSTOMERS, _ADDRESSES = table(Customer).c, table(Address).c
_OURS = select(*(_CUSTOMERS[name] for name in ListedCustomer._fields[:-1])).where(_CUSTOMERS.shop_id == SHOP)
_THEIRS = select(_ADDRESSES.customer_id, *(_ADDRESSES[name] for name in ListedAddress._fields)).where(
    _ADDRESSES.shop_id == SHOP
)
"""In no order: asked for one, PostgreSQL would rather walk all addresses in it, for a plan that fits any page."""
_NAMED = Prepared(_OURS.where(_CUSTOMERS.id.in_(bindparam("ids", expanding=True))))
_ADDRESSES_OF = Prepared(_THEIRS.where(_ADDRESSES.customer_id.in_(bindparam("ids", expanding=True))))
_ADDRESSES_BETWEEN = Prepared(
    _THEIRS.where(_ADDRESSES.customer_id.between(bindparam("first", type_=BigId), bindparam("last", type_=BigId)))
)
_BY_AGE = {
    descending: Prepared(
        _OURS.where(_CUSTOMERS.id < bindparam("after") if descending else _CUSTOMERS.id > bindparam("after"))
        .order_by(_CUSTOMERS.id.desc() if descending else _CUSTOMERS.id)
        .limit(bindparam("size"))
    )
    for descending in (True, False)
}
"""The list that is asked for most, past an id."""
_ENDS = {True: 2**63 - 1, False: 0}


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """Some customers, newest first unless sorted, and how many there are in all.

    With a search the total is exact up to 10,000 matches; beyond, it is 10,001 and ``total_is_estimate``.
    """

    customers: Sequence[ListedCustomer]
    total: int
    total_is_estimate: bool
    next_cursor: str | None


def search_customers(
    *, search: str = "", sort: str = "-created_at", page: int = 1, limit: int = 20, cursor: str | None = None
) -> CustomerPage:
    """A page of the shop's customers that match a search, with their addresses loaded.

    ``cursor`` (from the page before) takes the place of ``page`` and costs the same however deep it is; so does
    ``page`` by age without a search. Raises InvalidInput for an unknown sort or a cursor that is not one.
    """
    descending, name = sort.startswith("-"), sort.removeprefix("-")
    if name not in SORTS:
        raise InvalidInput.of("sort", f"must be one of {', '.join(SORTS)}, with - before it for descending")
    way = Way(_VALUES[name], descending)
    after = _read_cursor(cursor, sort) if cursor is not None else None
    skip = (page - 1) * limit if after is None else 0
    is_estimate = False
    if not search.strip() and name == "created_at" and skip == 0:
        return _by_age(descending, after, limit)
    if search.strip():
        total, keys = way.pick(search, EXACT_UP_TO, after, skip, limit + 1)
        is_estimate = total > EXACT_UP_TO
        if is_estimate:
            keys = way.walk(after, skip, limit + 1, *text_holds(search))
    else:
        total = count_customers()
        keys = _whole(way, after, skip, limit + 1, by_age=name == "created_at")
    more = len(keys) > limit
    keys = keys[:limit]
    return CustomerPage(_read(keys), total, is_estimate, _write_cursor(sort, keys[-1]) if more else None)


def _whole(way: Way, after: Key | None, skip: int, size: int, *, by_age: bool) -> list[Key]:
    """The keys of a page of all customers. By age a deep page is reached without counting those before it."""
    if not by_age or skip == 0:
        return way.walk(after, skip, size)
    place = offset_to_id(skip, descending=way.descending)
    if place is None:
        return []
    here = Customer.id <= place.last_id if way.descending else Customer.id >= place.first_id
    return way.walk(None, place.skip, size, here)


def _by_age(descending: bool, after: Key | None, limit: int) -> CustomerPage:
    """A page of all customers past a key, by the statement that reads rows straight along their ids."""
    start = _ENDS[descending] if after is None else after.id
    rows = _BY_AGE[descending](after=start, size=limit + 1).all()
    more, rows = len(rows) > limit, rows[:limit]
    customers: list[ListedCustomer] = []
    if rows:
        first, last = sorted((rows[0].id, rows[-1].id))
        customers = _with_addresses(rows, _ADDRESSES_BETWEEN(first=first, last=last))
    sort = "-created_at" if descending else "created_at"
    cursor = _write_cursor(sort, Key(rows[-1].id, rows[-1].id)) if more else None
    return CustomerPage(customers, count_customers(), False, cursor)


def _read(keys: Sequence[Key]) -> list[ListedCustomer]:
    """Customers with their addresses, in the order of their keys."""
    if not keys:
        return []
    ids = [key.id for key in keys]
    rows = {row.id: row for row in _NAMED(ids=ids)}
    return _with_addresses([rows[number] for number in ids if number in rows], _ADDRESSES_OF(ids=ids))


def _with_addresses(rows: Sequence[Row[Any]], theirs: Iterable[Row[Any]]) -> list[ListedCustomer]:
    addresses: dict[int, list[ListedAddress]] = {row[0]: [] for row in rows}
    for row in sorted(theirs, key=itemgetter(1)):
        if row[0] in addresses:  # else of somebody who has come into the page since
            addresses[row[0]].append(ListedAddress._make(row[1:]))
    return [ListedCustomer._make((*row, addresses[row[0]])) for row in rows]


def _write_cursor(sort: str, key: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps([sort, *key]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, sort: str) -> Key:
    try:
        kept: Any = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        kept_sort, value, customer_id = kept
        if kept_sort != sort or not all(isinstance(n, int) and 0 <= n < 2**63 for n in (value, customer_id)):
            raise ValueError
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise InvalidInput.of("cursor", "must be the next_cursor of a page in the same order") from None
    return Key(value, customer_id)
