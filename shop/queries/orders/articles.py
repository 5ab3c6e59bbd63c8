"""Articles for the page where staff enter an order."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Final

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import selectinload

from shop.db.session import db
from shop.domain.statuses import ProductStatus
from shop.domain.text.cleaning import code_key, drop_unstorable
from shop.domain.text.search import normalize_search
from shop.models import Product, Variant
from shop.queries.catalogue.list import ProductFilters, query_products
from shop.queries.listing.pages import find_keys
from shop.services.catalogue.products.for_sale import current_price

FOUND: Final = 12
AMBIGUOUS: Final = 20
"""Articles read of those whose code differs in case or width alone."""
SORTED: Final = 1_000
"""Up to this many products are sorted by name; more matches are found by a scan in that order."""


@dataclass(frozen=True, slots=True)
class ListedArticle:
    """A product without variants, or a variant. ``key`` is ``p12`` or ``v34``."""

    product_id: int
    variant_id: int | None
    name: str
    sku: str
    price_cents: int
    stock_quantity: int | None

    @property
    def key(self) -> str:
        """Return the name of the article in a form."""
        return f"p{self.product_id}" if self.variant_id is None else f"v{self.variant_id}"


def search_articles(typed: str) -> list[ListedArticle]:
    """Return up to 12 articles of the products for sale that the list of products finds, by name.

    The one that has the code typed is first. Of a product's variants, those that contain every word typed are found;
    all of them if none does, as for a tag.
    """
    words = normalize_search(typed).split()
    if not words:
        return []
    filters = ProductFilters(search=typed, status=ProductStatus.ACTIVE, sort="name")
    ids = [key[-1] for key in find_keys(replace(query_products(filters), bound=SORTED), None, 0, FOUND)[1]]
    rows = db.session.scalars(select(Product).where(Product.id.in_(ids)).options(selectinload(Product.variants)))
    products = {product.id: product for product in rows}
    found = chain.from_iterable(_matching_articles(products[number], words) for number in ids if number in products)
    exact = find_by_code(typed)
    first = [exact] if exact else []
    return [*first, *(one for one in islice(found, FOUND) if one not in first)][:FOUND]


def find_by_code(typed: str) -> ListedArticle | None:
    """Return the article for sale with a code as a scanner sends it or staff type it; None for none or several.

    One with the code exactly as typed goes first.
    """
    code = drop_unstorable(typed)
    if not code:
        return None
    is_current = (Variant.product_id == Product.id, Variant.is_archived.is_(False))
    products = select(Product).where(
        Product.status == ProductStatus.ACTIVE,
        _has_code(Product, code),
        ~select(Variant.id).where(*is_current).exists(),
    )
    variants = select(Product, Variant).where(
        Product.status == ProductStatus.ACTIVE, _has_code(Variant, code), *is_current
    )
    found: list[tuple[Product | Variant, ListedArticle]] = [
        (product, _article(product, None)) for product in db.session.scalars(products.limit(AMBIGUOUS))
    ]
    found += [(row[1], _article(*row)) for row in db.session.execute(variants.limit(AMBIGUOUS))]
    exact = [article for item, article in found if code in (item.sku, item.barcode)]
    either = exact or [article for _item, article in found]
    return either[0] if len(either) == 1 else None


def get_articles(product_ids: Iterable[int], variant_ids: Iterable[int]) -> dict[str, ListedArticle]:
    """Return the articles with these ids by their keys, whether for sale or not."""
    products = select(Product).where(Product.id.in_(list(product_ids)))
    variants = (
        select(Product, Variant)
        .join(Product, Product.id == Variant.product_id)
        .where(Variant.id.in_(list(variant_ids)))
    )
    found = [_article(product, None) for product in db.session.scalars(products)]
    found += [_article(*row) for row in db.session.execute(variants)]
    return {article.key: article for article in found}


def _has_code(model: type[Product] | type[Variant], code: str) -> ColumnElement[bool]:
    key = code_key(code)
    return or_(model.sku_key == key, model.barcode_key == key)


def _matching_articles(product: Product, words: Iterable[str]) -> Iterator[ListedArticle]:
    if not product.variants:
        return iter([_article(product, None)])
    matching = [variant for variant in product.variants if _has_words(product, variant, words)]
    return (_article(product, variant) for variant in matching or product.variants)


def _has_words(product: Product, variant: Variant, words: Iterable[str]) -> bool:
    codes = (product.sku, product.barcode, variant.sku, variant.barcode)
    text = normalize_search(" ".join((product.name, variant.name, *codes)))
    return all(word in text for word in words)


def _article(product: Product, variant: Variant | None) -> ListedArticle:
    item = variant or product
    return ListedArticle(
        product_id=product.id,
        variant_id=variant.id if variant else None,
        name=f"{product.name} ({variant.name})" if variant else product.name,
        sku=(variant.sku if variant else "") or product.sku,
        price_cents=current_price(product, variant),
        stock_quantity=item.stock_quantity,
    )
