"""Articles for the page where staff enter an order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from shop.db.session import db
from shop.db.upsert import like_fragment
from shop.models import Product, Variant
from shop.services.catalogue.products import current_price

FOUND = 12


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
    """Return up to 12 articles for sale whose name or code contains every word typed, by name."""
    words = typed.lower().split()
    if not words:
        return []
    texts = func.lower(Product.name + " " + Product.sku + " " + func.coalesce(Variant.name + " " + Variant.sku, ""))
    return _find(*(texts.like(like_fragment(word), escape="\\") for word in words))


def find_by_code(typed: str) -> ListedArticle | None:
    """Return the article for sale with a code as a scanner sends it; None for none or several."""
    code = typed.strip()
    if not code:
        return None
    own = or_(Product.sku == code, Product.barcode == code) & Variant.id.is_(None)
    found = _find(or_(Variant.sku == code, Variant.barcode == code, own))
    return found[0] if len(found) == 1 else None


def get_articles(product_ids: Iterable[int], variant_ids: Iterable[int]) -> dict[str, ListedArticle]:
    """Return the articles with these ids by their keys, whether for sale or not."""
    rows = db.session.execute(
        select(Product, Variant)
        .outerjoin(Variant, Variant.product_id == Product.id)
        .where(or_(Product.id.in_(list(product_ids)), Variant.id.in_(list(variant_ids))))
    ).all()
    variants = {article.key: article for article in (_article(product, variant) for product, variant in rows)}
    return variants | {f"p{product.id}": _article(product, None) for product, _variant in rows}


def _find(*conditions: ColumnElement[bool]) -> list[ListedArticle]:
    rows: Sequence[Any] = db.session.execute(
        select(Product, Variant)
        .outerjoin(Variant, (Variant.product_id == Product.id) & Variant.is_archived.is_(False))
        .where(Product.status == "active", *conditions)
        .order_by(Product.name, Variant.id)
        .limit(FOUND)
    ).all()
    return [_article(product, variant) for product, variant in rows]


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
