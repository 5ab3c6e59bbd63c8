"""The admin API's list of customers: search, sort, page by number or cursor (``docs/contract/api.md``, section 2)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import bindparam

from shop.db.by_ids import IdsQuery
from shop.db.prepared import PreparedQuery, table
from shop.models import Address, Customer
from shop.models.base import BigId
from shop.queries.customers.counts import CUSTOMERS_COUNT, count_customers, offset_to_id
from shop.queries.customers.list import COUNTED, CustomerFilters, query_customers
from shop.queries.customers.list import SORTS as CUSTOMER_SORTS
from shop.queries.listing.pages import find_keys
from shop.queries.listing.sort_order import Key, SortOrder, read_cursor, read_sort, write_cursor
from shop.services.customers.listed import LISTED, LISTED_ADDRESSES, ListedCustomer, with_addresses

EXACT_UP_TO = COUNTED
SORTS: Final = {"created_at": "created", "total_spent": "spent", "points_balance": "points", "updated_at": "updated"}
"""The public names of sort orders."""
ANY: Final = CustomerFilters()


_CUSTOMERS, _ADDRESSES = table(Customer).c, table(Address).c
_NAMED = IdsQuery(lambda ids: LISTED.where(_CUSTOMERS.id.in_(ids)))
_ADDRESSES_OF = IdsQuery(lambda ids: LISTED_ADDRESSES.where(_ADDRESSES.customer_id.in_(ids)))
_ADDRESSES_BETWEEN = PreparedQuery(
    LISTED_ADDRESSES.where(
        _ADDRESSES.customer_id.between(bindparam("first", type_=BigId), bindparam("last", type_=BigId))
    )
)
_BY_AGE = {
    descending: PreparedQuery(
        LISTED.add_columns(CUSTOMERS_COUNT.label("total"))
        .where(_CUSTOMERS.id < bindparam("after") if descending else _CUSTOMERS.id > bindparam("after"))
        .order_by(_CUSTOMERS.id.desc() if descending else _CUSTOMERS.id)
        .limit(bindparam("size"))
    )
    for descending in (True, False)
}
"""The most frequent list: by age, after an id."""
_AGE: Final = SortOrder(CUSTOMER_SORTS["created"])
_ENDS = {True: 2**63 - 1, False: 0}


@dataclass(frozen=True, slots=True)
class CustomerListPage:
    """A page of customers, newest first unless sorted or searched, and the total.

    With a search the total is exact up to 10,000 matches; beyond, it is 10,001 and ``total_is_estimate``.
    """

    customers: Sequence[ListedCustomer]
    total: int
    total_is_estimate: bool
    next_cursor: str | None


def search_customers(
    *,
    search: str = "",
    filters: CustomerFilters = ANY,
    sort: str = "-created_at",
    page: int = 1,
    limit: int = 20,
    cursor: str | None = None,
) -> CustomerListPage:
    """Return a page of the shop's customers that match a search and filters, with their addresses.

    ``cursor`` (from the page before) replaces ``page`` and costs the same at any depth; so does ``page`` by age without
    a search. Raise `InvalidInput` for an unknown sort order, or a cursor of another order.
    """
    descending, name = read_sort(sort, SORTS)
    if search := search.strip():
        filters = replace(filters, search=search)
    if (page == 1 or cursor is not None) and name == "created_at" and not filters.narrows:
        return _by_age(descending, read_cursor(cursor, sort, _AGE), limit)
    query = query_customers(replace(filters, sort=f"{'-' if descending else ''}{SORTS[name]}"))
    query = replace(query, bound=EXACT_UP_TO)
    after = read_cursor(cursor, sort, query.order)
    skip = (page - 1) * limit if after is None else 0
    if query.total is not None:
        query = replace(query, total=count_customers)
        if name == "created_at":
            after, skip = _start_of_page(skip, descending=descending)
    total, keys = find_keys(query, after, skip, limit + 1)
    is_estimate = query.total is None and total > query.bound
    next_cursor = write_cursor(sort, keys[limit - 1]) if len(keys) > limit else None
    return CustomerListPage(_read(keys[:limit]), total, is_estimate, next_cursor)


def _start_of_page(offset: int, *, descending: bool) -> tuple[Key, int]:
    """Return the key before a page by age, and how many rows to skip after it."""
    place = offset_to_id(offset, descending=descending)
    if place is None:
        return (0, _ENDS[not descending]), 0
    return (0, place.last_id + 1 if descending else place.first_id - 1), place.skip


def _by_age(descending: bool, after: Key | None, limit: int) -> CustomerListPage:
    """Return a page of all customers after a key, by a statement that scans the ids."""
    start = _ENDS[descending] if after is None else after[-1]
    rows = _BY_AGE[descending](after=start, size=limit + 1).all()
    more, rows = len(rows) > limit, rows[:limit]
    if not rows:
        return CustomerListPage([], count_customers(), False, None)
    first, last = sorted((rows[0].id, rows[-1].id))
    customers = with_addresses([row[:-1] for row in rows], _ADDRESSES_BETWEEN(first=first, last=last))
    sort = "-created_at" if descending else "created_at"
    cursor = write_cursor(sort, (0, rows[-1].id)) if more else None
    return CustomerListPage(customers, int(rows[0].total), False, cursor)


def _read(keys: Sequence[Key]) -> list[ListedCustomer]:
    """Return customers with their addresses, in the order of their keys."""
    if not keys:
        return []
    ids = [key[-1] for key in keys]
    rows = {row.id: row for row in _NAMED(ids)}
    return with_addresses([rows[number] for number in ids if number in rows], _ADDRESSES_OF(ids))
