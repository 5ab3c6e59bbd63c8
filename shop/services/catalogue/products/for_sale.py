"""Products for sale: listed for storefronts, and priced for orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import NamedTuple

from sqlalchemy import case, func, null, select
from sqlalchemy.orm import selectinload

from shop.db.by_ids import IdsQuery
from shop.db.prepared import SHOP, table
from shop.db.session import db
from shop.domain.catalogue.prices import price_in_force
from shop.domain.money import MAX_CENTS
from shop.models import Product, Variant
from shop.services import clock
from shop.services.catalogue.listed import ListedProduct, ListedVariant
from shop.services.errors import InvalidInput

MAX_LINES = 200
MAX_QUANTITY = 100_000
PER_SITEMAP = 40_000
"""URLs in one file; the protocol allows 50,000."""

WITH_PARTS = (selectinload(Product.variants), selectinload(Product.pictures))
"""Loads what storefronts see of products."""


@dataclass(frozen=True, slots=True)
class CartLine:
    """A line of a request's cart: product, variant, quantity. It never has a price."""

    product_id: int
    quantity: int
    variant_id: int | None = None


class Article(NamedTuple):
    """A product, or a variant of one (which has no slug and is for sale with its product), as it is now."""

    id: int
    name: str
    slug: str | None
    sku: str
    price_cents: int
    sale_price_cents: int | None
    stock_quantity: int | None
    status: str
    product_id: int
    sale_starts_at: datetime | None = None
    sale_ends_at: datetime | None = None
    weight_grams: int | None = None
    tax_class: str | None = None


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A cart line with the name and price of the catalogue."""

    product: Article
    variant: Article | None
    quantity: int
    price_cents: int

    @property
    def total_cents(self) -> int:
        return self.price_cents * self.quantity

    @property
    def is_reduced(self) -> bool:
        """Whether it costs less than the article's regular price: on sale, or by hand."""
        return self.price_cents < (self.variant or self.product).price_cents

    @property
    def name(self) -> str:
        """The name of the article with its variant."""
        return f"{self.product.name} ({self.variant.name})" if self.variant else self.product.name

    @property
    def sku(self) -> str:
        """The variant's SKU, else the product's."""
        return (self.variant.sku if self.variant else "") or self.product.sku


_P, _V = table(Product).c, table(Variant).c
PRODUCT_COLUMNS = (
    *(_P.id, _P.name, _P.slug, _P.sku, _P.price_cents, _P.sale_price_cents, _P.stock_quantity, _P.status),
    *(_P.id.label("product_id"), _P.sale_starts_at, _P.sale_ends_at, _P.weight_grams, _P.tax_class),
)
VARIANT_COLUMNS = (
    *(_V.id, _V.name, null().label("slug"), _V.sku, _V.price_cents, _V.sale_price_cents, _V.stock_quantity),
    *(case((_V.is_archived, "archived"), else_="active").label("status"), _V.product_id),
    *(null().label("sale_starts_at"), null().label("sale_ends_at"), null().label("weight_grams")),
    null().label("tax_class"),
)
"""The columns of an :class:`Article`, in order. The dates of a variant's sale price, its weight and its tax class are
those of its product."""


_PRODUCTS = IdsQuery(lambda ids: select(*PRODUCT_COLUMNS).where(_P.shop_id == SHOP, _P.id.in_(ids)))
_VARIANTS = IdsQuery(lambda ids: select(*VARIANT_COLUMNS).where(_V.shop_id == SHOP, _V.id.in_(ids)))


def current_price(
    product: Product | ListedProduct | Article,
    variant: Variant | ListedVariant | Article | None = None,
    moment: datetime | None = None,
) -> int:
    """Return the price of a product or variant in minor units, at a moment or now."""
    item = variant or product
    return price_in_force(
        item.price_cents,
        item.sale_price_cents,
        product.sale_starts_at,
        product.sale_ends_at,
        moment or clock.now(),
    )


def price_lines(lines: Sequence[CartLine]) -> list[PricedLine]:
    """Return the lines with catalogue prices.

    Raises InvalidInput naming the line for a product that is unknown or not for sale, a variant of another product, or
    sums above the largest amount.
    """
    if not 1 <= len(lines) <= MAX_LINES:
        raise InvalidInput.of("items", "must be 1 to %(limit)s lines", limit=MAX_LINES)
    products = _by_id(_PRODUCTS, {line.product_id for line in lines})
    variants = _by_id(_VARIANTS, {line.variant_id for line in lines if line.variant_id is not None})
    priced, now = [], clock.now()
    for number, line in enumerate(lines):
        product = products.get(line.product_id)
        if product is None or product.status != "active":
            raise InvalidInput.of(f"items[{number}].product_id", "is not a product that is for sale here")
        variant = None
        if line.variant_id is not None:
            variant = variants.get(line.variant_id)
            if variant is None or variant.product_id != product.id or variant.status != "active":
                raise InvalidInput.of(f"items[{number}].variant_id", "is not a variant of this product")
        if not 1 <= line.quantity <= MAX_QUANTITY:
            raise InvalidInput.of(f"items[{number}].quantity", "must be from 1 to %(limit)s", limit=f"{MAX_QUANTITY:,}")
        priced.append(PricedLine(product, variant, line.quantity, current_price(product, variant, now)))
    if sum(line.total_cents for line in priced) > MAX_CENTS:
        raise InvalidInput.of("items", "add up to more than an order may cost")
    return priced


def _by_id(query: IdsQuery, ids: set[int]) -> dict[int, Article]:
    return {row.id: Article._make(row) for row in query(list(ids))}


def list_slugs(*, offset: int) -> list[tuple[str, datetime]]:
    """Return up to :data:`PER_SITEMAP` slugs of products for sale with the time of their last change, by id."""
    statement = select(Product.slug, Product.updated_at).where(Product.status == "active").order_by(Product.id)
    return [(slug, changed) for slug, changed in db.session.execute(statement.offset(offset).limit(PER_SITEMAP))]


def count_sitemaps() -> int:
    """Return the number of sitemap files with :data:`PER_SITEMAP` products each."""
    total = db.session.scalars(select(func.count(Product.id)).where(Product.status == "active")).one()
    return ceil(total / PER_SITEMAP)
