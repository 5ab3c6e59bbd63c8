"""The list of orders: which filters, sort orders and search it has; for staff, the API, shoppers and files."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, select, text
from sqlalchemy.orm import joinedload

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.statuses import Fulfilment, OrderStatus
from shop.models import Customer, Order
from shop.models.orders.order import OUT_FOR_DELIVERY
from shop.queries.listing.list_page import ListPage, read_list_page
from shop.queries.listing.list_query import ListQuery, Matches, indexed, unindexed
from shop.queries.listing.pages import count_matches, find_counted, find_keys, stream_rows
from shop.queries.listing.sort_order import Key, SortOrder, read_cursor, read_sort, write_cursor
from shop.queries.orders.search import search_orders
from shop.services import audit_log
from shop.services.actors import Actor
from shop.services.orders.repository import OrderRecord, get_orders

COUNTED: Final = 500
EXACT_UP_TO: Final = 10_000
EXPORTED_AT_ONCE: Final = 1_000
OPEN: Final = (OrderStatus.PENDING, OrderStatus.PROCESSING)
NEWEST: Final = "-order_date"
NEWEST_RECORDED: Final = "-created_at"

_ID: Final[ColumnElement[int]] = Order.id.expression
SORTS: Final[dict[str, tuple[ColumnElement[Any], ...]]] = {
    "order_date": (Order.order_date.expression, _ID),
    "total": (Order.total_cents.expression, _ID),
    "created_at": (_ID,),  # ids count up with time
    "updated_at": (Order.updated_at.expression, _ID),
}


@dataclass(frozen=True, slots=True)
class OrderFilters:
    """Filters and sort order of orders.

    ``status`` may also be ``open`` (pending or processing), ``to_pack`` or ``out_for_delivery`` (by whether a rider has
    the goods). ``ids`` leaves out all others. ``until`` is exclusive. A search in the default order has the best
    matches first.
    """

    search: str = ""
    status: str | None = None
    payment: str | None = None
    source: str | None = None
    customer_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    updated_since: datetime | None = None
    external_id: str = ""
    sort: str = NEWEST
    ids: tuple[int, ...] = ()


class OrderListPage(NamedTuple):
    """A page of complete orders and the total: with a search exact up to 10,000, beyond that 10,001."""

    orders: list[OrderRecord]
    total: int
    total_is_estimate: bool = False
    next_cursor: str | None = None


def browse_orders(filters: OrderFilters, *, after: str | None = None, before: str | None = None) -> ListPage[Order]:
    """Return a page of the orders with their customers. Raise `InvalidInput` as `read_list_page` and `query_orders`."""
    return read_list_page(query_orders(filters), filters.sort, _read, after=after, before=before)


def list_orders(
    filters: OrderFilters | None = None, *, page: int = 1, limit: int = 20, cursor: str | None = None
) -> OrderListPage:
    """Return a page of matching orders with their children, newest recorded first unless sorted.

    ``cursor`` (from the page before) replaces ``page`` and costs the same at any depth. Raise `InvalidInput` as
    `browse_orders` does.
    """
    filters = filters or OrderFilters(sort=NEWEST_RECORDED)
    query = replace(query_orders(filters), bound=EXACT_UP_TO)
    is_search = bool(filters.search.strip())
    if not is_search and not query.matches.conditions:
        query = replace(query, total=partial(count_matches, query))
    after = read_cursor(cursor, filters.sort, query.order)
    find = find_keys if is_search else find_counted
    total, keys = find(query, after, (page - 1) * limit if after is None else 0, limit + 1)
    following = write_cursor(filters.sort, keys[limit - 1]) if len(keys) > limit else None
    orders = get_orders([key[-1] for key in keys[:limit]])
    return OrderListPage(orders, total, is_search and total > query.bound, following)


def filtered_customer(filters: OrderFilters) -> Customer | None:
    """Return the customer whose orders the filters show; None if they show those of all."""
    return None if filters.customer_id is None else db.session.get(Customer, filters.customer_id)


def count_orders(filters: OrderFilters) -> int:
    """Return the exact number of matching orders."""
    return count_matches(query_orders(replace(filters, sort="order_date")))


def find_order_ids(filters: OrderFilters, limit: int) -> list[int]:
    """Return the ids of up to ``limit`` orders that match, in the list's order."""
    keys = find_keys(query_orders(filters), None, 0, limit)[1]
    return [key[-1] for key in keys]


def stream_orders(filters: OrderFilters, columns: list[ColumnElement[Any]]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield columns of all matching orders and their customers in the list's order, in batches."""
    return stream_rows(query_orders(filters), EXPORTED_AT_ONCE, lambda keys: _read_columns(keys, columns))


def record_export(actor: Actor) -> None:
    """Record in the audit log that the orders were exported."""
    with transaction():
        audit_log.record(actor, "orders.exported", "orders")


def query_orders(filters: OrderFilters) -> ListQuery:
    """Return the list query of filters. Raise `InvalidInput` for an unknown sort order."""
    descending, name = read_sort(filters.sort, SORTS)
    order = SortOrder(SORTS[name], descending)
    served = tuple(_conditions(filters, indexed))
    if not filters.search.strip():
        whole = Matches(served, served)
        return ListQuery(order, whole, lambda: (whole,), COUNTED, is_indexed=name == "order_date")
    found = search_orders(filters.search, served, tuple(_conditions(filters, unindexed)))
    if filters.sort not in (NEWEST, NEWEST_RECORDED):
        return ListQuery(order, found.whole, lambda: (found.whole,), found.bound)
    return ListQuery(replace(order, sections=found.sections), found.whole, found.ranks, found.bound)


def _conditions(filters: OrderFilters, see: Callable[[Any], Any]) -> list[Any]:
    """Return the conditions of the filters without the search."""
    found: list[Any] = []
    if filters.ids:
        found.append(_ID.in_(filters.ids))
    if filters.status == Fulfilment.OUT_FOR_DELIVERY:
        found.append(text(OUT_FOR_DELIVERY))
    elif filters.status == Fulfilment.TO_PACK:
        found += [see(Order.status).in_(OPEN), text(f"NOT ({OUT_FOR_DELIVERY})")]
    elif filters.status == "open":
        found.append(see(Order.status).in_(OPEN))
    elif filters.status:
        found.append(see(Order.status) == filters.status)
    if filters.payment:
        found.append(see(Order.payment_status) == filters.payment)
    if filters.source:
        found.append(see(Order.source) == filters.source)
    if filters.customer_id is not None:
        found.append(Order.customer_id == filters.customer_id)
    if filters.external_id:
        found.append(see(Order.external_id) == filters.external_id)
    if filters.updated_since is not None:
        found.append(see(Order.updated_at) >= filters.updated_since)
    if filters.since is not None:
        found.append(see(Order.order_date) >= filters.since)
    if filters.until is not None:
        found.append(see(Order.order_date) < filters.until)
    return found


def _read(keys: Sequence[Key]) -> list[Order]:
    """Return orders with their customers, in the order of their keys."""
    if not keys:
        return []
    wanted = select(Order).where(_ID.in_([key[-1] for key in keys]))
    found = db.session.scalars(wanted.options(joinedload(Order.customer)))
    rows = {order.id: order for order in found}
    return [rows[key[-1]] for key in keys if key[-1] in rows]


def _read_columns(keys: Sequence[Key], columns: Sequence[ColumnElement[Any]]) -> list[tuple[Any, ...]]:
    if not keys:
        return []
    statement = select(_ID, *columns).outerjoin(Customer, Customer.id == Order.customer_id)
    found = db.session.execute(statement.where(_ID.in_([key[-1] for key in keys])))
    rows = {row[0]: tuple(row[1:]) for row in found}
    return [rows[key[-1]] for key in keys if key[-1] in rows]
