"""The products that a change of many works on, and what it will do to them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select

from shop.db.session import db
from shop.domain.catalogue.bulk import NumberChange, ProductBulkKind
from shop.domain.customers.bulk import BulkOutcome
from shop.models import Product, Variant
from shop.queries.catalogue.list import ProductFilters, query_products

KEPT_FILTERS: Final = ("search", "status", "category_id", "tag", "stock", "ids")
EXAMPLES: Final = 10
_AT_ONCE: Final = 1_000


@dataclass(slots=True)
class BulkPreview:
    """How many products a change would change, leave as they are and refuse; some articles before and after.

    An example is the name of a product, that of its variant or "", the value before and after, and whether it is
    refused. Of variants it is the first that is refused, else the first that changes. Stock that is not counted is
    None.
    """

    counts: dict[BulkOutcome, int] = field(default_factory=lambda: dict.fromkeys(BulkOutcome, 0))
    examples: list[tuple[str, str, int | None, int | None, bool]] = field(default_factory=list)


def pack_filters(filters: ProductFilters) -> dict[str, Any]:
    """Return filters as JSON values, without those that are not set, and without the sort order."""
    values = {name: getattr(filters, name) for name in KEPT_FILTERS}
    return {name: list(value) if name == "ids" else value for name, value in values.items() if value}


def unpack_filters(kept: Mapping[str, Any]) -> ProductFilters:
    """Return the filters in JSON values; those that this version does not know are left out."""
    values = {name: value for name, value in kept.items() if name in KEPT_FILTERS}
    return ProductFilters(**{**values, "ids": tuple(values.get("ids", ()))})


def matching_after(filters: ProductFilters, last_id: int, limit: int) -> list[int]:
    """Return the ids of matching products past an id, in the order of ids."""
    past = select(Product.id).where(*query_products(filters).matches.conditions, Product.id > last_id)
    return list(db.session.scalars(past.order_by(Product.id).limit(limit)))


def preview_change(filters: ProductFilters, change: NumberChange) -> BulkPreview:
    """Return what a change would do to the matching products as they are now; nothing is changed."""
    preview = BulkPreview()
    is_price = change.kind == ProductBulkKind.PRICE
    for name, articles in _read_products(filters, is_price):
        outcome = change.outcome([value for _, value in articles])
        preview.counts[outcome] += 1
        if outcome != BulkOutcome.SKIPPED and len(preview.examples) < EXAMPLES:
            variant, value = max(
                articles, key=lambda one: (change.is_out_of_range(one[1]), change.after(one[1]) != one[1])
            )
            preview.examples.append((name, variant, value, change.after(value), outcome == BulkOutcome.REFUSED))
    return preview


def _read_products(filters: ProductFilters, is_price: bool) -> Iterator[tuple[str, list[tuple[str, int | None]]]]:
    """Yield the name of each product, and of each of its articles the variant's name and its value."""
    own, of_variant = (
        (Product.price_cents, Variant.price_cents) if is_price else (Product.stock_quantity, Variant.stock_quantity)
    )
    last_id = 0
    while ids := matching_after(filters, last_id, _AT_ONCE):
        last_id = ids[-1]
        current = (Variant.product_id.in_(ids), Variant.is_archived.is_(False))
        variants: dict[int, list[tuple[str, int | None]]] = {}
        rows = db.session.execute(
            select(Variant.product_id, Variant.name, of_variant).where(*current).order_by(Variant.id)
        )
        for product_id, name, value in rows:
            variants.setdefault(product_id, []).append((name, value))
        products = db.session.execute(
            select(Product.id, Product.name, own).where(Product.id.in_(ids)).order_by(Product.id)
        )
        for product_id, name, value in products:
            yield name, variants.get(product_id) or [("", value)]
