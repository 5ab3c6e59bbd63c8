"""Customers as lists and events show them: columns and addresses, without the ORM."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, bindparam, select

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.models import Address, Customer


class ListedAddress(NamedTuple):
    """An address of a customer."""

    id: int
    type: str
    address1: str
    city: str
    state: str
    zip: str
    country: str


class ListedCustomer(NamedTuple):
    """A customer; money in cents. Columns, since rows are only read and there are many."""

    id: int
    email: str | None
    first_name: str
    last_name: str
    phone: str | None
    total_orders: int
    total_spent_cents: int
    created_at: datetime
    birthday: str | None
    area: str
    tags: list[str]
    external_id: str | None
    extra: dict[str, str]
    custom_fields: dict[str, str]
    addresses: list[ListedAddress]


_C, _A = table(Customer).c, table(Address).c
_COLUMNS = [_C["metadata" if name == "extra" else name] for name in ListedCustomer._fields[:-1]]
LISTED: Final = select(*_COLUMNS).where(_C.shop_id == SHOP)
"""The columns of a :class:`ListedCustomer` without the addresses."""
LISTED_ADDRESSES: Final = select(_A.customer_id, *(_A[name] for name in ListedAddress._fields)).where(
    _A.shop_id == SHOP
)
"""The customer's id and the columns of a :class:`ListedAddress`. Not sorted: with an ORDER BY, PostgreSQL's generic
plan scans the index of all addresses."""
_FIND = PreparedQuery(LISTED.where(_C.id == bindparam("customer")))
_ADDRESSES_OF = PreparedQuery(LISTED_ADDRESSES.where(_A.customer_id == bindparam("customer")))


def find_listed(customer_id: int) -> ListedCustomer | None:
    """Return a customer with their addresses; None if there is none with that id."""
    rows = _FIND(customer=customer_id).all()
    return with_addresses(rows, _ADDRESSES_OF(customer=customer_id))[0] if rows else None


def with_addresses(rows: Sequence[Sequence[Any]], addresses: Iterable[Row[Any]]) -> list[ListedCustomer]:
    """Return rows of ``LISTED`` as customers with those of the rows of ``LISTED_ADDRESSES`` that are theirs."""
    found: dict[int, list[ListedAddress]] = {row[0]: [] for row in rows}
    for row in sorted(addresses, key=itemgetter(1)):
        if row[0] in found:  # another customer may have been added to a range since
            found[row[0]].append(ListedAddress._make(row[1:]))
    return [ListedCustomer._make((*row, found[row[0]])) for row in rows]
