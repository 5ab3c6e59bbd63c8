"""The products as a CSV file that can be imported again without changes."""

from collections.abc import Iterator

from shop.queries.catalogue.list import ProductFilters, query_products, read_products
from shop.queries.listing.pages import stream_rows
from shop.services.imports.products import FIELDS, write_row
from shop.services.shops.settings import get_settings

__all__ = ["FIELDS", "export_products"]
AT_ONCE = 500


def export_products(filters: ProductFilters) -> Iterator[list[str]]:
    """Return the cells of each matching product in the list's order, by ``FIELDS``.

    May be consumed after the request that made it.
    """
    settings = get_settings()
    pages = stream_rows(
        query_products(filters), AT_ONCE, lambda keys: [write_row(product, settings) for product in read_products(keys)]
    )
    return ([cells[name] for name in FIELDS] for page in pages for cells in page)
