"""The variants of a product."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, select

from shop.db.session import db
from shop.domain.statuses import MovementKind
from shop.domain.text.search import normalize_search
from shop.models import CartItem, OrderItem, Product, StockMovement, Variant
from shop.services import clock
from shop.services.actors import SYSTEM, Actor
from shop.services.catalogue.adjustments import set_stock
from shop.services.errors import InvalidInput
from shop.services.shops.amounts import check_amounts
from shop.services.shops.settings import get_settings

MAX_VARIANTS = 100


@dataclass(frozen=True, slots=True)
class VariantInput:
    """A variant to write; ``id`` None is a new one. ``values`` has columns of the table."""

    id: int | None = None
    values: dict[str, Any] = field(default_factory=dict)


def variants_of(product_id: int) -> list[Variant]:
    """Return the variants of a product that are not archived, in their order."""
    statement = select(Variant).where(Variant.product_id == product_id, Variant.is_archived.is_(False))
    return list(db.session.scalars(statement.order_by(Variant.position, Variant.id)))


def write_variants(
    product: Product, wanted: Sequence[VariantInput], actor: Actor, kind: MovementKind = MovementKind.ADJUSTMENT
) -> list[Variant]:
    """Replace the variants of a locked product by those given, in their order, in the caller's transaction.

    A variant that is left out is deleted, or archived if it was sold. Raises InvalidInput for too many, or for an id
    that is not a variant of the product.
    """
    if len(wanted) > MAX_VARIANTS:
        raise InvalidInput.of("variants", "must be at most %(limit)s", limit=MAX_VARIANTS)
    existing = {variant.id: variant for variant in variants_of(product.id)}
    _remove([row for row_id, row in existing.items() if row_id not in {one.id for one in wanted}], actor)
    written = []
    for place, one in enumerate(wanted):
        if one.id is not None and one.id not in existing:
            raise InvalidInput.of(f"variants[{place}].id", "is not a variant of this product")
        variant = existing[one.id] if one.id is not None else _new(product)
        _write(variant, one.values, place, actor, kind)
        written.append(variant)
    return written


def _new(product: Product) -> Variant:
    now = clock.now()
    return Variant(product_id=product.id, name="", sku="", barcode="", options={}, created_at=now, updated_at=now)


def _write(variant: Variant, values: dict[str, Any], place: int, actor: Actor, kind: MovementKind) -> None:
    is_new = variant.id is None
    for name, value in values.items():
        if name != "stock_quantity":
            setattr(variant, name, value)
    if variant.price_cents is None:
        raise InvalidInput.of(f"variants[{place}].price", "is required")
    prices = {f"variants[{place}].{name}": values.get(f"{name}_cents") for name in ("price", "sale_price")}
    check_amounts(get_settings().currency, prices)
    variant.name = variant.name or " / ".join(str(one) for one in variant.options.values())
    if not variant.name:
        raise InvalidInput.of(f"variants[{place}].name", "or options are required")
    variant.position, variant.updated_at = place, clock.now()
    db.session.add(variant)
    db.session.flush()
    if "stock_quantity" in values:
        set_stock(variant, values["stock_quantity"], MovementKind.OPENING if is_new else kind, actor)


def _remove(variants: Sequence[Variant], actor: Actor) -> None:
    for variant in variants:
        _delete(CartItem.variant_id == variant.id, CartItem)
        if db.session.scalars(select(OrderItem.id).where(OrderItem.variant_id == variant.id).limit(1)).first():
            set_stock(variant, None, MovementKind.ADJUSTMENT, actor)
            variant.is_archived, variant.sku, variant.barcode = True, "", ""
        else:
            _delete(StockMovement.variant_id == variant.id, StockMovement)
            db.session.delete(variant)
    db.session.flush()


def _delete(condition: Any, model: type[Any]) -> None:
    db.session.execute(delete(model).where(condition))


def add_variant(
    product: Product, name: str, price_cents: int, *, sku: str = "", stock_quantity: int | None = None
) -> Variant:
    """Add a variant to a product, in the caller's transaction."""
    variant = _new(product)
    values = {"name": name, "price_cents": price_cents, "sku": sku, "stock_quantity": stock_quantity}
    _write(variant, values, len(variants_of(product.id)), SYSTEM, MovementKind.OPENING)
    product.search_text += f"{normalize_search(f'{name} {sku}')} "
    return variant
