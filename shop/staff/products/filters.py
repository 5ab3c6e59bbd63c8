"""The list's search, filters and sort order in its URL."""

from collections.abc import Mapping

from shop.domain.statuses import ProductStatus
from shop.queries.catalogue.list import NEWEST, SORTS, STOCKS, ProductFilters
from shop.staff.list_filters import FilterReader, ListAddress, query_of


def read_query(address: str) -> dict[str, str]:
    """Parse a URL or a query string, leaving out what is invalid."""
    return read_filters(query_of(address)).kept


def read_filters(asked: Mapping[str, str]) -> ListAddress[ProductFilters]:
    """Return the filters; unknown choices are left out."""
    read = FilterReader(asked)
    filters = ProductFilters(
        search=read.search(),
        status=read.choice("status", tuple(ProductStatus)),
        category_id=read.number("category"),
        tag=read.search("tag"),
        stock=read.choice("stock", STOCKS),
        sort=read.sort(SORTS, NEWEST),
    )
    kept = {
        "q": filters.search,
        "status": filters.status,
        "category": filters.category_id,
        "tag": filters.tag,
        "stock": filters.stock,
        "sort": "" if filters.sort == NEWEST else filters.sort,
    }
    return ListAddress(filters, read.keep(kept), read.errors)
