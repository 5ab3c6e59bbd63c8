"""The list's search, filters and sort order in its URL."""

import re
from collections.abc import Mapping

from shop.domain.dates.days import end_of, start_of
from shop.domain.statuses import Fulfilment, OrderStatus, PaymentStatus
from shop.queries.listing.list_page import ROWS
from shop.queries.orders.list import NEWEST, SORTS, OrderFilters
from shop.staff.list_filters import FilterReader, ListAddress, query_of
from shop.web.pages.formats import shop_settings

STATUSES = ("open", Fulfilment.TO_PACK, Fulfilment.OUT_FOR_DELIVERY, *OrderStatus)
SOURCES = ("storefront", "api", "admin")
NUMBER = re.compile("[0-9]{1,9}", re.ASCII)


def read_ids(typed: str) -> tuple[int, ...]:
    """Return the ids in ``12,15,9``, at most a page; invalid ones are left out."""
    return tuple(int(part) for part in typed.split(",")[:ROWS] if NUMBER.fullmatch(part))


def read_query(address: str) -> dict[str, str]:
    """Parse a URL or a query string, leaving out what is invalid."""
    return read_filters(query_of(address)).kept


def read_filters(asked: Mapping[str, str]) -> ListAddress[OrderFilters]:
    """Return the filters; unknown choices are left out."""
    read, zone = FilterReader(asked), shop_settings().values["shop_timezone"]
    since, until = read.day("from"), read.day("to")
    filters = OrderFilters(
        search=read.search(),
        status=read.choice("status", STATUSES),
        payment=read.choice("payment", tuple(PaymentStatus)),
        source=read.choice("source", SOURCES),
        customer_id=read.number("customer"),
        since=start_of(since, zone) if since else None,
        until=end_of(until, zone) if until else None,
        sort=read.sort(SORTS, NEWEST),
        ids=read_ids(asked.get("ids", "")),
    )
    kept = {
        "q": filters.search,
        "status": filters.status,
        "payment": filters.payment,
        "source": filters.source,
        "from": since,
        "to": until,
        "customer": filters.customer_id,
        "ids": ",".join(map(str, filters.ids)),
        "sort": "" if filters.sort == NEWEST else filters.sort,
    }
    return ListAddress(filters, read.keep(kept), read.errors)
