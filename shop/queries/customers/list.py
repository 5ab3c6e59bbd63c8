"""The list of customers: which columns, filters, sort orders and search it has; for staff, the API and files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, func, select

from shop.db.by_ids import IdsQuery
from shop.db.prepared import SHOP, table
from shop.db.session import db
from shop.db.transaction import transaction
from shop.db.trigrams import is_sqlite
from shop.domain.customers.contact import full_name
from shop.domain.customers.segments import SegmentRules
from shop.models import Customer, CustomerTag, LoyaltyRegistration
from shop.queries.customers.counts import count_customers
from shop.queries.customers.search import RankedSearch, read_search
from shop.queries.customers.segments import rules_condition
from shop.queries.listing.list_page import ListPage, read_list_page
from shop.queries.listing.list_query import ListQuery, Matches, in_sections, indexed, unindexed
from shop.queries.listing.pages import stream_rows
from shop.queries.listing.sort_order import FIRST_TIME, Key, Section, SortOrder, read_sort
from shop.server.concurrency_limit import released
from shop.services import audit_log
from shop.services.actors import Actor

COUNTED: Final = 10_000
COUNTED_SHORT: Final = 1_000
"""How many matches are counted for one or two letters, which the trigram index cannot find."""
EXPORTED_AT_ONCE: Final = 1_000
NEWEST: Final = "-created"

_ID: Final[ColumnElement[int]] = Customer.id.expression
SORTS: Final[dict[str, tuple[ColumnElement[Any], ...]]] = {
    "created": (_ID,),  # ids count up with time
    "name": (Customer.sort_name.expression, _ID),
    "orders": (Customer.total_orders.expression, _ID),
    "updated": (Customer.updated_at.expression, _ID),
    "last_order": (func.coalesce(Customer.last_order_at, FIRST_TIME), _ID),
    "spent": (Customer.total_spent_cents.expression, _ID),
    "points": (Customer.points_balance.expression, _ID),
}


@dataclass(frozen=True, slots=True)
class CustomerFilters:
    """Filters and sort order of customers: ``-created`` is newest first, ``spent`` least spent first.

    ``has_points`` and ``registered`` (approved for loyalty) apply if set; amounts are inclusive; the last order was
    before ``last_order_before``; ``tag``, ``area`` and ``external_id`` are equal; ``created_until`` is exclusive;
    ``ids`` and the ``rules`` of a segment narrow further. A search in the order ``-created`` has the best matches
    first.
    """

    search: str = ""
    has_points: bool = False
    registered: bool = False
    spent_from_cents: int | None = None
    spent_to_cents: int | None = None
    last_order_before: datetime | None = None
    tag: str = ""
    area: str = ""
    external_id: str = ""
    created_from: datetime | None = None
    created_until: datetime | None = None
    updated_since: datetime | None = None
    ids: tuple[int, ...] = ()
    rules: SegmentRules | None = None
    sort: str = NEWEST

    @property
    def narrows(self) -> bool:
        """Whether any customer may be left out."""
        return replace(self, sort=NEWEST) != CustomerFilters()


class CustomerSummary(NamedTuple):
    """A customer in the list; money in minor units."""

    id: int
    email: str | None
    first_name: str
    last_name: str
    phone: str | None
    total_orders: int
    total_spent_cents: int
    points_balance: int
    last_order_at: datetime | None
    created_at: datetime
    tags: list[str]
    custom_fields: dict[str, str]

    @property
    def name(self) -> str:
        """First and last name; may be empty."""
        return full_name(self.first_name, self.last_name)

    @property
    def full_name(self) -> str:
        """First and last name, else e-mail, else phone."""
        return full_name(self.first_name, self.last_name, self.email, self.phone)


_CUSTOMERS: Final = table(Customer).c
_SUMMARIES: Final = IdsQuery(
    lambda ids: select(*(_CUSTOMERS[name] for name in CustomerSummary._fields)).where(
        _CUSTOMERS.shop_id == SHOP, _CUSTOMERS.id.in_(ids)
    )
)


def list_customers(
    filters: CustomerFilters, *, after: str | None = None, before: str | None = None
) -> ListPage[CustomerSummary]:
    """Return a page of the shop's customers. Raise `InvalidInput` as `read_list_page` and for an unknown sort order."""
    return read_list_page(query_customers(filters), filters.sort, _read, after=after, before=before)


def stream_customers(filters: CustomerFilters, columns: list[ColumnElement[Any]]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield columns of all matching customers in the list's order, in batches."""
    return stream_rows(query_customers(filters), EXPORTED_AT_ONCE, lambda keys: _read_columns(keys, columns))


def record_export(actor: Actor) -> None:
    """Record in the audit log that the customers were exported."""
    with transaction():
        audit_log.record(actor, "customers.exported", "customers")


def query_customers(filters: CustomerFilters) -> ListQuery:
    """Return the list query of filters. Raise `InvalidInput` for an unknown sort order."""
    search = read_search(filters.search)
    order = _order(filters.sort) if search is None or filters.sort != NEWEST else _ranked_order(search, is_sqlite())
    if not filters.narrows:
        return ListQuery(order, sections=lambda: in_sections(order, Matches()), bound=COUNTED, total=_count_up_to_bound)
    served, hidden = _conditions(filters, indexed), _conditions(filters, unindexed)
    if search is None:
        whole = Matches(tuple(served), tuple(hidden))
        return ListQuery(order, whole, lambda: in_sections(order, whole), COUNTED)
    whole = search.whole.matches(served, hidden)
    bound = COUNTED_SHORT if search.is_short else COUNTED
    if filters.sort != NEWEST:
        return ListQuery(order, whole, lambda: in_sections(order, whole), bound)
    ranks = search.ranks
    return ListQuery(order, whole, lambda: tuple(one.matches(served, hidden, by_id=True) for one in ranks), bound)


def count_matching(filters: CustomerFilters) -> int:
    """Return the exact number of matching customers."""
    if not filters.narrows:
        return count_customers()
    conditions = query_customers(filters).matches.conditions
    with released():
        return db.session.scalars(select(func.count(_ID)).where(*conditions)).one()


def matching_after(filters: CustomerFilters, last_id: int, limit: int) -> list[int]:
    """Return the ids of matching customers after an id, in the order of ids."""
    conditions = query_customers(filters).matches.conditions
    past = select(_ID).where(*conditions, Customer.id > last_id).order_by(_ID).limit(limit)
    return list(db.session.scalars(past))


def _count_up_to_bound() -> int:
    return min(count_customers(), COUNTED + 1)


@lru_cache(200)
def _ranked_order(search: RankedSearch, _is_sqlite: bool) -> SortOrder:
    """Return the order of a search on an engine; building it takes a tenth of the time of a small search."""
    return SortOrder(SORTS["created"], True, search.sections())


def _order(sort: str) -> SortOrder:
    descending, name = read_sort(sort, SORTS)
    sections: tuple[Section, ...] = (Section(),)
    index_columns: tuple[ColumnElement[Any], ...] = ()
    if name == "last_order":  # NULL for customers without orders: they are last in descending order
        last = Customer.last_order_at.expression
        sections = (Section(1, (last.is_not(None),)), Section(0, (last.is_(None),), constant=1))
        index_columns = (last, _ID)
    order = SortOrder(SORTS[name], True, sections, index_columns)
    return order if descending else order.reversed()


def _conditions(filters: CustomerFilters, see: Callable[[Any], Any]) -> list[ColumnElement[bool]]:
    """Return the conditions of the filters without the search."""
    found: list[ColumnElement[bool]] = []
    if filters.has_points:
        found.append(see(Customer.points_balance) > 0)
    if filters.spent_from_cents is not None:
        found.append(see(Customer.total_spent_cents) >= filters.spent_from_cents)
    if filters.spent_to_cents is not None:
        found.append(see(Customer.total_spent_cents) <= filters.spent_to_cents)
    if filters.last_order_before is not None:
        found.append(see(Customer.last_order_at) < filters.last_order_before)
    if filters.created_from is not None:
        found.append(see(Customer.created_at) >= filters.created_from)
    if filters.created_until is not None:
        found.append(see(Customer.created_at) < filters.created_until)
    if filters.updated_since is not None:
        found.append(see(Customer.updated_at) >= filters.updated_since)
    for name in ("area", "external_id"):
        if value := getattr(filters, name):
            found.append(see(getattr(Customer, name)) == value)
    if filters.tag:
        tagged = select(CustomerTag.customer_id).where(CustomerTag.tag == filters.tag)
        own = tagged.where(CustomerTag.customer_id == Customer.id)
        found.append(own.exists() if see is unindexed else Customer.id.in_(tagged))
    if filters.ids:
        found.append(Customer.id.in_(filters.ids))
    if filters.rules is not None and filters.rules.conditions:
        found.append(rules_condition(filters.rules))
    if filters.registered:
        approved = select(LoyaltyRegistration.customer_id).where(LoyaltyRegistration.status == "approved")
        own = approved.where(LoyaltyRegistration.customer_id == Customer.id)
        found.append(own.exists() if see is unindexed else Customer.id.in_(approved))
    return found


def _read(keys: list[Key]) -> list[CustomerSummary]:
    ids = [key[-1] for key in keys]
    rows = {row.id: CustomerSummary._make(row) for row in _SUMMARIES(ids)}
    return [rows[one] for one in ids if one in rows]


def _read_columns(keys: list[Key], columns: list[Any]) -> list[tuple[Any, ...]]:
    """Return columns of customers in the order of their keys."""
    found = db.session.execute(select(_ID, *columns).where(_ID.in_([key[-1] for key in keys]))) if keys else ()
    rows = {row[0]: tuple(row[1:]) for row in found}
    return [rows[key[-1]] for key in keys if key[-1] in rows]
