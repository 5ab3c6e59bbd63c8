"""Products as storefronts list them: columns, variants and pictures, without the ORM, which took twice as long."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, or_, select

from shop.db.by_ids import IdsQuery
from shop.db.prepared import SHOP, PreparedQuery, table
from shop.db.session import db
from shop.domain.catalogue.images import WIDEST, image_path
from shop.models import Category, Product, ProductCategory, ProductImage, Variant
from shop.services import clock
from shop.services.catalogue.categories import with_descendants
from shop.services.catalogue.search import product_conditions
from shop.services.errors import InvalidInput, NotFound

SORTS = ("newest", "oldest", "price", "name")
OTHER_NAMES = {"latest": "newest", "created_at": "oldest", "title": "name"}
"""Sort orders under the names that storefronts use."""


class ListedVariant(NamedTuple):
    """A variant that is not archived; prices in minor units."""

    product_id: int
    id: int
    name: str
    sku: str
    price_cents: int
    sale_price_cents: int | None
    stock_quantity: int | None


class ListedPicture(NamedTuple):
    """A picture of a product."""

    product_id: int
    alt: str
    url: str | None
    digest: str | None
    width: int

    def address(self, width: int = WIDEST) -> str:
        """Return the address as ``ProductImage.address`` does."""
        return self.url or image_path(self.digest or "", self.width, width)


class ListedProduct(NamedTuple):
    """A product for sale; prices in minor units."""

    id: int
    name: str
    slug: str
    description: str
    sku: str
    price_cents: int
    sale_price_cents: int | None
    sale_starts_at: datetime | None
    sale_ends_at: datetime | None
    stock_quantity: int | None
    status: str
    variants: Sequence[ListedVariant]
    pictures: Sequence[ListedPicture]

    @property
    def images(self) -> list[str]:
        """The addresses of the pictures in their order."""
        return [picture.address() for picture in self.pictures]


COLUMNS: Final = ListedProduct._fields[:-2]
"""The columns of a :class:`ListedProduct` without its parts."""
_P, _V, _I = table(Product).c, table(Variant).c, table(ProductImage).c
_VARIANTS: Final = IdsQuery(
    lambda ids: (
        select(*(_V[name] for name in ListedVariant._fields))
        .where(_V.shop_id == SHOP, _V.product_id.in_(ids), _V.is_archived.is_(False))
        .order_by(_V.position, _V.id)
    )
)
_PICTURES: Final = IdsQuery(
    lambda ids: (
        select(*(_I[name] for name in ListedPicture._fields))
        .where(_I.shop_id == SHOP, _I.product_id.in_(ids))
        .order_by(_I.position, _I.id)
    )
)


def with_parts(rows: Sequence[Any]) -> list[ListedProduct]:
    """Return rows that begin with ``COLUMNS`` as products with their variants and pictures."""
    ids = [row[0] for row in rows]
    variants = _by_product(map(ListedVariant._make, _VARIANTS(ids)))
    pictures = _by_product(map(ListedPicture._make, _PICTURES(ids)))
    return [ListedProduct._make((*row[: len(COLUMNS)], variants[row[0]], pictures[row[0]])) for row in rows]


def _by_product(parts: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for part in parts:
        found[part.product_id].append(part)
    return found


def list_products(
    *, page: int, limit: int, search: str = "", sort: str = "newest", category: str = ""
) -> tuple[list[ListedProduct], int]:
    """Return a page of the products for sale that match a search, and how many there are.

    ``category`` is the slug of a category; its products and those of the categories below it are listed.
    """
    conditions = product_conditions(search)
    if category:
        conditions.append(Product.id.in_(_in_category(category)))
    name, down = _read_sort(sort)
    values: dict[str, Any] = {"skip": (page - 1) * limit, "size": limit}
    if name == "price":
        values["now"] = clock.now()
    if conditions:
        rows: Sequence[Any] = db.session.execute(_page(Product, name, down, conditions), values).all()
    else:
        rows = _all(name, down)(**values).all()
    if not rows and page > 1:
        total = db.session.scalars(select(func.count(Product.id)).where(Product.status == "active", *conditions)).one()
        return [], total
    return with_parts(rows), rows[0].total if rows else 0


def _page(row: Any, name: str, down: bool, conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """Return the statement of a page: the columns of a :class:`ListedProduct` and the number of matches.

    ``row`` is the model or its table's columns. Parameters are ``skip``, ``size`` and, sorted by price, ``now``.
    """
    for_sale = and_(row.status == "active", *conditions)
    total = select(func.count(row.id)).where(for_sale).correlate(None).scalar_subquery().label("total")
    column = _sort_column(row, name)
    return (
        select(*(getattr(row, one) for one in COLUMNS), total)
        .where(for_sale)
        .order_by(column.desc() if down else column.asc(), row.id)
        .offset(bindparam("skip"))
        .limit(bindparam("size"))
    )


@cache
def _all(name: str, down: bool) -> PreparedQuery:
    """Return the statement of a page of all products for sale."""
    return PreparedQuery(_page(_P, name, down, [_P.shop_id == SHOP]))


def _in_category(slug: str) -> Select[int]:
    category_id = db.session.scalars(select(Category.id).where(Category.slug == slug)).first()
    ids = [] if category_id is None else with_descendants(category_id)
    return select(ProductCategory.product_id).where(ProductCategory.category_id.in_(ids))


def _read_sort(sort: str) -> tuple[str, bool]:
    """Return the name and direction of ``price``, ``-price``, ``price_desc``, ``newest`` …

    Raises InvalidInput for an unknown name.
    """
    name, _, way = sort.removeprefix("-").lower().replace("-", "_").replace(":", "_").rpartition("_")
    if way not in {"asc", "desc"}:
        name, way = f"{name}_{way}" if name else way, "asc"
    name = OTHER_NAMES.get(name, name)
    if name not in SORTS:
        raise InvalidInput.of(
            "sort", "must be one of %(choices)s, with - before it for descending", choices=", ".join(SORTS)
        )
    return name, (sort.startswith("-") != (way == "desc")) != (name == "newest")


def _sort_column(row: Any, name: str) -> ColumnElement[Any]:
    """Return what a page is sorted by. Prices are those in force at ``now``."""
    if name != "price":
        column: ColumnElement[Any] = func.lower(row.name) if name == "name" else row.id
        return column
    sale, price, now = row.sale_price_cents, row.price_cents, bindparam("now", type_=row.sale_ends_at.type)
    has_begun = or_(row.sale_starts_at.is_(None), row.sale_starts_at <= now)
    not_over = or_(row.sale_ends_at.is_(None), row.sale_ends_at > now)
    return case((and_(sale > 0, sale < price, has_begun, not_over), sale), else_=price)


_BY_SLUG = PreparedQuery(
    select(*(_P[name] for name in COLUMNS)).where(
        _P.shop_id == SHOP, _P.slug == bindparam("slug"), _P.status == "active"
    )
)
_FOR_SALE = IdsQuery(
    lambda ids: select(*(_P[name] for name in COLUMNS)).where(_P.shop_id == SHOP, _P.id.in_(ids), _P.status == "active")
)


def get_product_by_slug(slug: str) -> ListedProduct:
    """Return a product for sale. Raises NotFound."""
    rows = _BY_SLUG(slug=slug).all()
    if not rows:
        raise NotFound("There is no such product.", code="product_not_found")
    return with_parts(rows)[0]


def find_products(ids: Sequence[int]) -> list[ListedProduct]:
    """Return the products for sale among these ids, in their order; unknown ids are left out."""
    found = {product.id: product for product in with_parts(_FOR_SALE(ids))}
    return [found[product_id] for product_id in dict.fromkeys(ids) if product_id in found]
