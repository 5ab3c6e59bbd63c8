"""Products as rows of a file: parsed, written and compared. One row is one product; its variants are a JSON cell."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import select

from shop.db.session import db
from shop.domain.imports.cells import join_list, parse_moment, parse_pieces, split_list
from shop.domain.imports.columns import ImportField
from shop.domain.numbers import parse_amount, write_amount
from shop.domain.statuses import ImportVerdict, MovementKind
from shop.domain.text.cleaning import code_key
from shop.domain.text.messages import N_
from shop.models import Category, Product, Variant
from shop.services.actors import Actor
from shop.services.catalogue.categories import save_category
from shop.services.catalogue.products.codes import find_id_by_code
from shop.services.catalogue.products.records import create_product, delete_product, get_product, update_product
from shop.services.catalogue.products.variants import VariantInput
from shop.services.errors import Conflict, InvalidInput
from shop.services.imports.kinds import Cells, ImportKind, RowContext, RowOutcome
from shop.services.imports.product_keys import KEYS, clean_cell, product_keys, read_digits
from shop.services.shops.settings import ShopSettings, get_settings
from shop.services.text_lengths import read_line

TEXTS: Final = ("name", "slug", "description", "status", "sku", "barcode", "tax_class", "external_id")
MONEY: Final = {"price": "price_cents", "sale_price": "sale_price_cents", "cost": "cost_cents"}
TIMES: Final = ("sale_starts_at", "sale_ends_at")
NUMBERS: Final = ("stock_quantity", "low_stock_at", "weight_grams")
FIELDS: Final = (*TEXTS, *MONEY, *TIMES, *NUMBERS, "categories", "tags", "variants")
COLUMNS: Final = (
    ImportField("name", N_("Name"), ("product", "product name", "item", "item name", "title", "jina", "bidhaa")),
    ImportField("slug", N_("Address"), ("handle", "url")),
    ImportField("description", N_("Description"), ("body", "details", "maelezo")),
    ImportField("status", N_("Status"), ("hali",)),
    ImportField("sku", N_("SKU"), ("code", "item code", "product code", "variant sku", "msimbo")),
    ImportField("barcode", N_("Barcode"), ("ean", "gtin", "upc", "variant barcode")),
    ImportField("tax_class", N_("Tax class"), ("tax", "vat", "kodi")),
    ImportField("external_id", N_("External ID"), ("id", "product id")),
    ImportField("price", N_("Price"), ("selling price", "regular price", "variant price", "bei", "bei ya kuuza")),
    ImportField("sale_price", N_("Sale price"), ("offer", "offer price", "discount price", "bei ya ofa")),
    ImportField("cost", N_("Cost"), ("buying price", "cost price", "cost per item", "bei ya kununua")),
    ImportField("sale_starts_at", N_("Sale starts"), ()),
    ImportField("sale_ends_at", N_("Sale ends"), ()),
    ImportField(
        "stock_quantity", N_("Stock"), ("quantity", "qty", "in stock", "qty in stock", "inventory", "akiba", "idadi")
    ),
    ImportField("low_stock_at", N_("Low stock at"), ("reorder level", "minimum stock")),
    ImportField("weight_grams", N_("Weight in grams"), ("weight", "grams")),
    ImportField("categories", N_("Categories"), ("category", "department", "type", "kundi", "aina")),
    ImportField("tags", N_("Tags"), ("tag", "labels", "lebo")),
    ImportField("variants", N_("Variants"), ()),
)
SAMPLE: Final = {
    "sku": "MLK-500",
    "barcode": "6161100000017",
    "name": "Maziwa Lala 500 ml",
    "price": "65.00",
    "sale_price": "",
    "cost": "52.00",
    "stock_quantity": "24",
    "low_stock_at": "6",
    "categories": "Food > Dairy",
    "tags": "fresh; local",
    "tax_class": "",
    "status": "active",
}
LONGEST: Final = {"name": 200, "slug": 200, "description": 5000, "external_id": 200}


def write_row(product: Product, settings: ShopSettings | None = None) -> dict[str, str]:
    """Return a product with all its parts loaded as cells; importing them changes nothing."""
    settings = settings or get_settings()
    found = {name: getattr(product, name) or "" for name in TEXTS}
    found |= {name: _money(getattr(product, column), settings) for name, column in MONEY.items()}
    for name in TIMES:
        moment = getattr(product, name)
        found[name] = moment.astimezone(UTC).isoformat() if moment else ""
    for name in NUMBERS:
        number = getattr(product, name)
        found[name] = "" if number is None else str(number)
    paths = _category_paths() if product.categories else {}
    found["categories"] = join_list(sorted(paths[one.id] for one in product.categories), ";")
    found["tags"] = join_list(sorted(tag.tag for tag in product.tags), ";")
    variants = [_variant_cells(variant, settings) for variant in product.variants]
    found["variants"] = json.dumps(variants, ensure_ascii=False) if variants else ""
    return found


def _variant_cells(variant: Variant, settings: ShopSettings) -> dict[str, Any]:
    cells = {
        "name": variant.name,
        "options": variant.options,
        "sku": variant.sku,
        "barcode": variant.barcode,
        "price": _money(variant.price_cents, settings),
        "sale_price": _money(variant.sale_price_cents, settings),
        "stock_quantity": variant.stock_quantity,
    }
    return {name: value for name, value in cells.items() if value not in ("", {}, None)}


def _money(cents: int | None, settings: ShopSettings) -> str:
    return "" if cents is None else write_amount(cents, settings.country, settings.currency)


def product_fields() -> Sequence[ImportField]:
    """Return the columns of products."""
    return COLUMNS


def apply_row(cells: Cells, context: RowContext) -> RowOutcome:
    """Add or change the product of a row. Empty cells change nothing."""
    given = {name: _read(name, cells.get(name, ""), partial(clean_cell, name), "") for name in FIELDS}
    given = {name: read_digits(name, cell) for name, cell in given.items() if cell}
    if not given:
        return RowOutcome(ImportVerdict.SKIPPED)
    product = _find(given)
    if product is None:
        made = create_product(_fields(given, None, context.actor), context.actor)
        return RowOutcome(ImportVerdict.NEW, made.id, {}, write_row(made))
    before = write_row(product)
    fields = _fields(given, product, context.actor)
    after = write_row(update_product(product.id, fields, context.actor, MovementKind.IMPORT))
    return RowOutcome.of_change(product.id, before, after)


def product_snapshot(product_id: int, names: Iterable[str]) -> Cells:
    """Return a product's current fields. Raise NotFound."""
    row = write_row(get_product(product_id))
    return {name: row[name] for name in names}


def restore_product(product_id: int, fields: Cells, context: RowContext) -> None:
    """Restore fields of a product, in the caller's transaction; empty ones are cleared. Raise as update_product."""
    product = get_product(product_id)
    values = _fields(fields, product, context.actor, whole=True)
    update_product(product_id, values, context.actor, MovementKind.IMPORT)


def remove_product(product_id: int, after: Cells, context: RowContext) -> None:
    """Delete the product added by a row, or archive it if it was sold. Raise Conflict if it was changed since."""
    now, then = _without_stock(write_row(get_product(product_id))), _without_stock(after)
    changed = [name for name in then if now[name] != then[name]]
    if changed:
        raise Conflict("Changed since, so not restored: %(fields)s.", code="changed_since", fields=", ".join(changed))
    delete_product(product_id, context.actor)


def _without_stock(row: Cells) -> dict[str, Any]:
    """Return a row without the fields that sales change."""
    variants = json.loads(row.get("variants") or "[]")
    kept = {name: cell for name, cell in row.items() if name not in ("stock_quantity", "variants")}
    for one in variants:
        one.pop("stock_quantity", None)
    return kept | ({"variants": variants} if "variants" in row else {})


def _find(given: Mapping[str, str]) -> Product | None:
    for key in KEYS:
        if key in given:
            found = _find_id(key, given[key])
            if found is not None:
                return get_product(found)
    return None


def _find_id(key: str, text: str) -> int | None:
    if key in ("sku", "barcode"):
        return find_id_by_code(key, text)
    return db.session.scalars(select(Product.id).where(getattr(Product, key) == text)).first()


def _fields(cells: Mapping[str, str], product: Product | None, actor: Actor, *, whole: bool = False) -> dict[str, Any]:
    """Return cells as the fields of a product; with ``whole``, empty cells clear fields."""
    fields: dict[str, Any] = {}
    for name, cell in cells.items():
        if cell or whole:
            _read_cell(fields, name, cell)
    if cells.get("categories") or (whole and "categories" in cells):
        fields["category_ids"] = [_category(path, actor) for path in split_list(cells.get("categories", ""), ";")]
    if cells.get("variants") or (whole and "variants" in cells):
        fields["variants"] = _variants(cells.get("variants", ""), product.variants if product else [])
    return fields


def _read_cell(fields: dict[str, Any], name: str, cell: str) -> None:
    if name in MONEY:
        fields[MONEY[name]] = _read(name, cell, _cents)
    elif name in TIMES:
        fields[name] = _read(name, cell, partial(_time, is_end=name == "sale_ends_at"))
    elif name in NUMBERS:
        fields[name] = _read(name, cell, _pieces)
    elif name == "tags":
        fields["tags"] = split_list(cell, ";")
    elif name in TEXTS:
        if len(cell) > LONGEST.get(name, 64):
            raise InvalidInput.of(name, "must have at most %(limit)s characters", limit=LONGEST.get(name, 64))
        fields[name] = cell or (None if name == "external_id" else "")


def _read(name: str, cell: str, read: Callable[[str], Any], empty: Any = None) -> Any:
    try:
        return read(cell) if cell else empty
    except (ValueError, ArithmeticError):
        raise InvalidInput.of(name, "cannot be read: %(cell)s", cell=cell[:60]) from None


def _cents(cell: str) -> int:
    settings = get_settings()
    return parse_amount(cell, settings.country, settings.currency)


def _time(cell: str, *, is_end: bool) -> datetime:
    return parse_moment(cell, get_settings().values["shop_timezone"], is_end=is_end)


def _pieces(cell: str) -> int:
    return parse_pieces(cell, get_settings().country)


def _category_paths() -> dict[int, str]:
    """Return each category as ``Food > Dairy``."""
    rows = {row.id: row for row in db.session.execute(select(Category.id, Category.name, Category.parent_id))}

    def names(row_id: int) -> list[str]:
        row = rows[row_id]
        return [*(names(row.parent_id) if row.parent_id else ()), row.name]

    return {row_id: join_list(names(row_id), ">") for row_id in rows}


def _category(path: str, actor: Actor) -> int:
    """Return the id of a category by its path; missing categories are added."""
    parent: int | None = None
    for name in (read_line("categories", part, 200) for part in split_list(path, ">")):
        statement = select(Category.id).where(Category.name == name, Category.parent_id == parent)
        found = db.session.scalars(statement.order_by(Category.id)).first()
        parent = found or save_category(None, {"name": name, "parent_id": parent}, actor).id
    if parent is None:
        raise InvalidInput.of("categories", "must not be empty")
    return parent


def _variants(cell: str, existing: Sequence[Variant]) -> list[VariantInput]:
    try:
        rows = json.loads(cell) if cell else []
        return [_variant(row, existing) for row in rows]
    except (ValueError, TypeError, AttributeError, ArithmeticError):
        raise InvalidInput.of("variants", "must be a JSON list of variants") from None


def _text(name: str, value: object, longest: int = 64) -> str:
    return read_line(f"variants.{name}", str(value), longest)


def _variant(row: dict[str, Any], existing: Sequence[Variant]) -> VariantInput:
    options = {_text("options", name): _text("options", value) for name, value in row.get("options", {}).items()}
    stock = row.get("stock_quantity")
    values = {
        "name": _text("name", row.get("name", ""), 200),
        "options": options,
        "sku": _text("sku", row.get("sku", "")),
        "barcode": _text("barcode", row.get("barcode", "")),
        "price_cents": _cents(str(row["price"])) if "price" in row else None,
        "sale_price_cents": _cents(str(row["sale_price"])) if "sale_price" in row else None,
        "stock_quantity": None if stock is None else _pieces(str(stock)),
    }
    sku = _text("sku", row.get("sku", ""))
    known = next((one.id for one in existing if sku and one.sku == sku), None)
    known = known or next((one.id for one in existing if sku and one.sku_key == code_key(sku)), None)
    known = known or next((one.id for one in existing if options and one.options == options), None)
    known = known or next((one.id for one in existing if values["name"] and one.name == values["name"]), None)
    return VariantInput(known, values)


PRODUCTS: Final = ImportKind(
    name="products",
    fields=product_fields,
    keys=product_keys,
    apply=apply_row,
    snapshot=product_snapshot,
    restore=restore_product,
    remove=remove_product,
    sample=SAMPLE,
)
