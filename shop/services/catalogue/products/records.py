"""Add, change, archive and delete products."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack

from sqlalchemy import delete, select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.events import EventType
from shop.domain.statuses import MovementKind, ProductStatus
from shop.models import (
    CartItem,
    Category,
    OrderItem,
    Product,
    ProductCategory,
    ProductImage,
    ProductTag,
    StockMovement,
    Variant,
)
from shop.services import clock
from shop.services.actors import SYSTEM, Actor
from shop.services.catalogue.adjustments import set_stock
from shop.services.catalogue.events import find_product, record_product, show_product
from shop.services.catalogue.products.codes import check_codes, codes_of
from shop.services.catalogue.products.fields import (
    chosen_slug,
    clean_tags,
    free_slug,
    write_search_text,
)
from shop.services.catalogue.products.variants import VariantInput, variants_of, write_variants
from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.events.recording import record
from shop.services.shops.amounts import check_amounts
from shop.services.shops.settings import get_settings
from shop.services.taxes.rules import check_tax_class

PLAIN = (
    *("name", "description", "sku", "barcode", "price_cents", "sale_price_cents", "sale_starts_at", "sale_ends_at"),
    *("cost_cents", "tax_class", "status", "low_stock_at", "weight_grams", "external_id", "details"),
)
"""Columns that are stored as given."""
UNIQUE = ("sku", "barcode", "external_id")
COPIED = ("name", "options", "price_cents", "sale_price_cents")


def get_product(product_id: int) -> Product:
    """Return a product with its variants, images, tags and categories as they are now. Raises NotFound."""
    product = find_product(product_id)
    if product is None:
        raise NotFound("There is no such product.", code="product_not_found")
    return product


def lock_product(product_id: int) -> Product:
    """Return a product locked until the transaction ends. Raises NotFound."""
    statement = select(Product).where(Product.id == product_id).with_for_update()
    product = db.session.scalars(statement, execution_options={"populate_existing": True}).first()
    if product is None:
        raise NotFound("There is no such product.", code="product_not_found")
    return product


def create_product(fields: Mapping[str, Any], actor: Actor) -> Product:
    """Add a product with the fields given and return it.

    ``fields`` are columns of the table, and ``tags``, ``category_ids``, ``variants`` (of :class:`VariantFields`) and
    ``track_stock``. Raises InvalidInput for fields that do not fit together, Conflict ``sku_taken``, ``barcode_taken``,
    ``slug_taken`` or ``external_id_taken``.
    """
    with transaction():
        product = _insert(fields, actor)
        record_product(product.id, actor).audit("product.created", new=product.name)
        return get_product(product.id)


def _insert(fields: Mapping[str, Any], actor: Actor) -> Product:
    now = clock.now()
    product = Product(created_at=now, updated_at=now, name="", slug="", sku="", barcode="", status="active", details={})
    _set_columns(product, fields)
    db.session.add(product)
    db.session.flush()
    _write_parts(product, fields, actor, MovementKind.OPENING)
    return product


def update_product(
    product_id: int, fields: Mapping[str, Any], actor: Actor, kind: MovementKind = MovementKind.ADJUSTMENT
) -> Product:
    """Change the fields given of a product and return it. Raises NotFound, and as :func:`create_product`."""
    with transaction():
        product = lock_product(product_id)
        before = show_product(product_id)
        _set_columns(product, fields)
        if fields:
            product.updated_at = clock.now()
        db.session.flush()
        _write_parts(product, fields, actor, kind)
        if fields:
            changed = ", ".join(sorted(name.removesuffix("_cents") for name in fields))
            record_product(product.id, actor, before).audit("product.changed", new=changed[:500])
        return get_product(product.id)


def _set_columns(product: Product, fields: Mapping[str, Any]) -> None:
    variants = [] if product.id is None else variants_of(product.id)
    before = codes_of(product, variants)
    for name in PLAIN:
        if name in fields:
            setattr(product, name, fields[name])
    if product.status not in list(ProductStatus):
        product.status = _status(product.status)
    if not product.name:
        raise InvalidInput.of("name", "is required")
    if product.price_cents is None:
        raise InvalidInput.of("price", "is required")
    check_amounts(
        get_settings().currency, {"price": fields.get("price_cents"), "sale_price": fields.get("sale_price_cents")}
    )
    if product.sale_starts_at and product.sale_ends_at and product.sale_starts_at >= product.sale_ends_at:
        raise InvalidInput.of("sale_ends_at", "must be after the start of the sale")
    if fields.get("slug"):
        product.slug = chosen_slug(Product, fields["slug"], product.id)
    elif not product.slug:
        product.slug = free_slug(Product, product.name)
    if "tax_class" in fields:
        check_tax_class(product.tax_class)
    _check_unique(product, _variant_codes(variants, fields.get("variants")), fields, before)


def _status(given: str) -> ProductStatus:
    try:
        return ProductStatus(given)
    except ValueError:
        raise InvalidInput.of("status", "must be one of %(choices)s", choices=", ".join(ProductStatus)) from None


def _check_unique(
    product: Product,
    of_variants: Sequence[tuple[str, str]],
    fields: Mapping[str, Any],
    before: Mapping[str, set[str]],
) -> None:
    with db.session.no_autoflush:
        if fields.get("external_id"):
            found = select(Product.id).where(
                Product.external_id == fields["external_id"], Product.id != (product.id or 0)
            )
            if db.session.scalars(found).first() is not None:
                raise Conflict("Another product has this external_id.", code="external_id_taken")
        skus, barcodes = zip((product.sku, product.barcode), *of_variants, strict=True)
        check_codes(product.id, {"sku": skus, "barcode": barcodes}, before)


def _variant_codes(own: Sequence[Variant], wanted: Sequence[VariantInput] | None) -> list[tuple[str, str]]:
    before = {variant.id: (variant.sku, variant.barcode) for variant in own}
    if wanted is None:
        return list(before.values())
    found = []
    for one in wanted:
        sku, barcode = before.get(one.id or 0, ("", ""))
        found.append((one.values.get("sku", sku), one.values.get("barcode", barcode)))
    return found


def _write_parts(product: Product, fields: Mapping[str, Any], actor: Actor, kind: MovementKind) -> None:
    _write_stock(product, fields, actor, kind)
    if "variants" in fields:
        variants = write_variants(product, fields["variants"], actor, kind)
    else:
        variants = variants_of(product.id)
    if "tags" in fields:
        _write_tags(product.id, clean_tags(fields["tags"]))
    if "category_ids" in fields:
        _write_categories(product.id, fields["category_ids"])
    tags = select(ProductTag.tag).where(ProductTag.product_id == product.id).order_by(ProductTag.tag)
    write_search_text(product, variants, db.session.scalars(tags).all())
    db.session.flush()


def _write_stock(product: Product, fields: Mapping[str, Any], actor: Actor, kind: MovementKind) -> None:
    quantity = fields.get("stock_quantity", product.stock_quantity)
    tracked = fields.get("track_stock")
    if tracked is False:
        quantity = None
    elif tracked and quantity is None:
        quantity = 0
    set_stock(product, quantity, kind, actor)


def _write_tags(product_id: int, tags: Sequence[str]) -> None:
    db.session.execute(delete(ProductTag).where(ProductTag.product_id == product_id))
    db.session.add_all(ProductTag(product_id=product_id, tag=tag) for tag in tags)
    db.session.flush()


def _write_categories(product_id: int, category_ids: Sequence[int]) -> None:
    wanted = list(dict.fromkeys(category_ids))
    there = set(db.session.scalars(select(Category.id).where(Category.id.in_(wanted))))
    for number, category_id in enumerate(wanted):
        if category_id not in there:
            raise InvalidInput.of(f"category_ids[{number}]", "is not a category of this shop")
    db.session.execute(delete(ProductCategory).where(ProductCategory.product_id == product_id))
    db.session.add_all(ProductCategory(product_id=product_id, category_id=one) for one in wanted)
    db.session.flush()


def duplicate_product(product_id: int, name: str, actor: Actor) -> Product:
    """Add a hidden copy of a product under a name, without its codes, stock and pictures. Raises NotFound."""
    with transaction():
        product = get_product(product_id)
        fields = {column: getattr(product, column) for column in PLAIN if column not in UNIQUE}
        variants = [VariantInput(None, {column: getattr(one, column) for column in COPIED}) for one in product.variants]
        return create_product(
            fields
            | {"name": name, "status": ProductStatus.HIDDEN, "variants": variants}
            | {"tags": [tag.tag for tag in product.tags], "category_ids": [one.id for one in product.categories]},
            actor,
        )


def delete_product(product_id: int, actor: Actor) -> bool:
    """Delete a product, or archive one that was sold. Return whether it was deleted. Raises NotFound."""
    with transaction() as session:
        product = lock_product(product_id)
        session.execute(delete(CartItem).where(CartItem.product_id == product_id))
        sold = select(OrderItem.id).where(OrderItem.product_id == product_id).limit(1)
        if session.scalars(sold).first() is not None:
            before = show_product(product_id)
            product.status, product.updated_at = ProductStatus.ARCHIVED, clock.now()
            record_product(product.id, actor, before).audit("product.archived", old=product.name)
            return False
        for part in (StockMovement, ProductTag, ProductCategory, ProductImage, Variant):
            session.execute(delete(part).where(part.product_id == product_id))
        deleted = record(EventType.PRODUCT_DELETED, product_id, lambda: None, actor, previous={"name": product.name})
        deleted.audit("product.deleted", old=product.name)
        session.delete(product)
        return True


class ProductDetails(TypedDict, total=False):
    """Columns of a product that have defaults."""

    description: str
    sku: str
    barcode: str
    sale_price_cents: int | None
    stock_quantity: int | None
    status: str
    low_stock_at: int | None


def add_product(name: str, price_cents: int, *, slug: str | None = None, **details: Unpack[ProductDetails]) -> Product:
    """Add a product, in the caller's transaction. The slug is made from the name unless given."""
    return _insert({"name": name, "price_cents": price_cents, "slug": slug, **details}, SYSTEM)
