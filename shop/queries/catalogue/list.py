"""The list of products: which filters, sort orders and search it has; for staff, the API and files."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, or_, select, union_all
from sqlalchemy.orm import aliased

from shop.db.session import db
from shop.models import Product, ProductCategory, ProductTag, Variant
from shop.queries.listing.list_page import ListPage, read_list_page
from shop.queries.listing.list_query import ListQuery, Matches, in_sections, indexed, unindexed
from shop.queries.listing.pages import find_keys
from shop.queries.listing.sort_order import Key, Section, SortOrder, read_sort
from shop.services.catalogue.categories import with_descendants
from shop.services.catalogue.events import WHOLE
from shop.services.catalogue.search import product_conditions

NEWEST: Final = "-created"
NO_STOCK: Final = -1
"""The sort value of products whose stock is not counted."""
STOCKS: Final = ("out", "low", "available", "uncounted")

_ID: Final[ColumnElement[int]] = Product.id.expression
_STOCK: Final = Product.stock_quantity.expression
SORTS: Final[dict[str, tuple[ColumnElement[Any], ...]]] = {
    "created": (_ID,),  # ids count up with time
    "name": (Product.sort_name.expression, _ID),
    "price": (Product.price_cents.expression, _ID),
    "stock": (func.coalesce(_STOCK, NO_STOCK), _ID),
    "updated": (Product.updated_at.expression, _ID),
}


@dataclass(frozen=True, slots=True)
class ProductFilters:
    """Filters and sort order of products: ``-created`` is newest first, ``price`` cheapest first.

    ``search`` is part of a name, an SKU or a barcode, including those of variants, or of a tag; a category includes
    the products of those below it.
    """

    search: str = ""
    status: str | None = None
    category_id: int | None = None
    tag: str = ""
    stock: str | None = None
    """``out`` (nothing left), ``low`` (at or below the product's limit), ``available`` or ``uncounted``."""
    external_id: str = ""
    created_from: datetime | None = None
    created_until: datetime | None = None
    """Not included."""
    updated_since: datetime | None = None
    ids: tuple[int, ...] = ()
    """Only these; empty for all."""
    sort: str = NEWEST

    @property
    def narrows(self) -> bool:
        """Whether any product may be left out."""
        return replace(self, sort=NEWEST) != ProductFilters()


def list_products(filters: ProductFilters, *, after: str | None = None, before: str | None = None) -> ListPage[Product]:
    """Return a page of the shop's products. Raise `InvalidInput` as `read_list_page` and for an unknown sort order."""
    return read_list_page(query_products(filters), filters.sort, read_products, after=after, before=before)


def search_products(filters: ProductFilters, *, page: int, limit: int) -> tuple[list[Product], int]:
    """Return a page of the API's list by its number, and the number of matches: exact up to 10,000 if filtered."""
    query = query_products(filters)
    total, keys = find_keys(query, None, (page - 1) * limit, limit)
    return read_products(keys), total


def count_products(filters: ProductFilters) -> int:
    """Return the exact number of matching products."""
    return db.session.scalars(select(func.count(_ID)).where(*_conditions(filters, indexed))).one()


def query_products(filters: ProductFilters) -> ListQuery:
    """Return the list query of filters. Raise `InvalidInput` for an unknown sort order."""
    order = _order(filters.sort)
    if not filters.narrows:
        return ListQuery(order, sections=lambda: in_sections(order, Matches()), total=_count_all)
    served, hidden = tuple(_conditions(filters, indexed)), tuple(_conditions(filters, unindexed))
    whole = Matches(served, hidden)
    return ListQuery(order, whole, lambda: in_sections(order, whole))


def _count_all() -> int:
    return db.session.scalars(select(func.count(_ID))).one()


def _order(sort: str) -> SortOrder:
    descending, name = read_sort(sort, SORTS)
    sections: tuple[Section, ...] = (Section(),)
    index_columns: tuple[ColumnElement[Any], ...] = ()
    if name == "stock":  # NULL where it is not counted
        sections = (Section(1, (_STOCK.is_not(None),)), Section(0, (_STOCK.is_(None),), constant=1))
        index_columns = (_STOCK, _ID)
    order = SortOrder(SORTS[name], True, sections, index_columns)
    return order if descending else order.reversed()


def _conditions(filters: ProductFilters, see: Callable[[Any], Any]) -> list[ColumnElement[bool]]:
    found = product_conditions(filters.search, indexed=see is indexed)
    if filters.ids:
        found.append(see(Product.id).in_(filters.ids))
    if filters.status:
        found.append(see(Product.status) == filters.status)
    if filters.category_id is not None:
        within = ProductCategory.category_id.in_(with_descendants(filters.category_id))
        found.append(_has(ProductCategory, within, see))
    if filters.tag:
        found.append(_has(ProductTag, ProductTag.tag == filters.tag, see))
    if filters.stock:
        found.append(_stock_is(filters.stock, see))
    if filters.external_id:
        found.append(see(Product.external_id) == filters.external_id)
    if filters.created_from is not None:
        found.append(see(Product.created_at) >= filters.created_from)
    if filters.created_until is not None:
        found.append(see(Product.created_at) < filters.created_until)
    if filters.updated_since is not None:
        found.append(see(Product.updated_at) >= filters.updated_since)
    return found


def _has(model: Any, condition: ColumnElement[bool], see: Callable[[Any], Any]) -> ColumnElement[bool]:
    """Return the condition that a related row exists: looked up in that table, or for each product scanned."""
    rows = select(model.product_id).where(condition)
    if see is unindexed:
        return rows.where(model.product_id == Product.id).exists()
    return Product.id.in_(rows)


def _stock_is(stock: str, see: Callable[[Any], Any]) -> ColumnElement[bool]:
    """A condition on a product without variants, or on any variant.

    Few products are out of stock or low: they are looked up by their stock, all others are tested on the way.
    """
    current = Variant.is_archived.is_(False)
    if see is unindexed or stock not in ("out", "low"):
        own = and_(current, Variant.product_id == Product.id)
        found = select(Variant.id).where(own, _stock_of(Variant, Product)[stock]).exists()
        return or_(found, and_(_stock_of(Product, Product)[stock], ~select(Variant.id).where(own).exists()))
    one = aliased(Product)
    has_variants = select(Variant.id).where(current, Variant.product_id == one.id).exists()
    plain = select(one.id).where(_stock_of(one, one)[stock], ~has_variants)
    variants = select(Variant.product_id).where(current, _stock_of(Variant, one)[stock])
    if stock == "low":
        lowest = select(func.max(Product.low_stock_at)).scalar_subquery()
        plain = plain.where(one.stock_quantity <= lowest)
        variants = variants.join(one, one.id == Variant.product_id).where(Variant.stock_quantity <= lowest)
    return Product.id.in_(union_all(plain, variants))


def _stock_of(row: Any, product: Any) -> dict[str, ColumnElement[bool]]:
    own = row.stock_quantity
    return {"out": own <= 0, "low": own <= product.low_stock_at, "available": own > 0, "uncounted": own.is_(None)}


def read_products(keys: list[Key]) -> list[Product]:
    """Return the products with some keys and all their parts, in the order of the keys."""
    ids = [key[-1] for key in keys]
    rows = db.session.scalars(select(Product).where(Product.id.in_(ids)).options(*WHOLE)) if ids else ()
    found = {row.id: row for row in rows}
    return [found[one] for one in ids if one in found]


def list_tags() -> list[str]:
    """Return the shop's tags, up to 500, by name."""
    return list(db.session.scalars(select(ProductTag.tag).distinct().order_by(ProductTag.tag).limit(500)))


def count_by_category() -> dict[int, int]:
    """Return the number of products directly in each category."""
    row = ProductCategory
    found = db.session.execute(select(row.category_id, func.count().label("number")).group_by(row.category_id))
    return {row.category_id: row.number for row in found}
