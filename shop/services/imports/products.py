"""Products as rows of a file: read, written, and compared. One row is one product; its variants are JSON in a cell."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import select

from shop.db.session import db
from shop.domain.money import format_money, parse_money
from shop.domain.numbers import decimal_mark, parse_number
from shop.domain.statuses import ImportVerdict, MovementKind
from shop.domain.text.cleaning import clean_text, without_formula_guard
from shop.models import Category, Product, Variant
from shop.services.actors import Actor
from shop.services.catalogue.categories import save_category
from shop.services.catalogue.product_records import create_product, delete_product, get_product, update_product
from shop.services.catalogue.variants import VariantInput
from shop.services.errors import InvalidInput
from shop.services.imports.kinds import Cells, ImportKind, RowOutcome
from shop.services.shops.settings import get_settings

KEYS: Final = ("external_id", "sku", "barcode", "slug")
"""By what a product is found, the first that is given first."""
TEXTS: Final = ("name", "slug", "description", "status", "sku", "barcode", "tax_class", "external_id")
MONEY: Final = {"price": "price_cents", "sale_price": "sale_price_cents", "cost": "cost_cents"}
TIMES: Final = ("sale_starts_at", "sale_ends_at")
NUMBERS: Final = ("stock_quantity", "low_stock_at")
FIELDS: Final = (*TEXTS, *MONEY, *TIMES, *NUMBERS, "categories", "tags", "variants")
LONGEST: Final = {"name": 200, "slug": 200, "description": 5000, "external_id": 200}


def write_row(product: Product) -> dict[str, str]:
    """Return a product with all its parts loaded as cells; reading them changes nothing."""
    found = {name: getattr(product, name) or "" for name in TEXTS}
    found |= {name: _money(getattr(product, column)) for name, column in MONEY.items()}
    for name in TIMES:
        moment = getattr(product, name)
        found[name] = moment.astimezone(UTC).isoformat() if moment else ""
    for name in NUMBERS:
        number = getattr(product, name)
        found[name] = "" if number is None else str(number)
    paths = _category_paths()
    found["categories"] = "; ".join(sorted(paths[one.id] for one in product.categories))
    found["tags"] = "; ".join(sorted(tag.tag for tag in product.tags))
    variants = [_variant_cells(variant) for variant in product.variants]
    found["variants"] = json.dumps(variants, ensure_ascii=False) if variants else ""
    return found


def _variant_cells(variant: Variant) -> dict[str, Any]:
    cells = {
        "name": variant.name,
        "options": variant.options,
        "sku": variant.sku,
        "barcode": variant.barcode,
        "price": _money(variant.price_cents),
        "sale_price": _money(variant.sale_price_cents),
        "stock_quantity": variant.stock_quantity,
    }
    return {name: value for name, value in cells.items() if value not in ("", {}, None)}


def _money(cents: int | None) -> str:
    return "" if cents is None else format_money(cents)


def apply_row(cells: Cells, actor: Actor) -> RowOutcome:
    """Add or change the product of a row. Cells that are empty leave what is there."""
    given = {name: without_formula_guard(clean_text(cells.get(name, ""))) for name in FIELDS}
    given = {name: cell for name, cell in given.items() if cell}
    if not given:
        return RowOutcome(ImportVerdict.SKIPPED)
    product = _find(given)
    if product is None:
        made = create_product(_fields(given, None, actor), actor)
        return RowOutcome(ImportVerdict.NEW, made.id)
    before = write_row(product)
    fields = _fields(given, product, actor)
    after = write_row(update_product(product.id, fields, actor, MovementKind.IMPORT))
    verdict = ImportVerdict.UNCHANGED if after == before else ImportVerdict.CHANGED
    return RowOutcome(verdict, product.id, before)


def undo_row(product_id: int, before: Mapping[str, str] | None, actor: Actor) -> None:
    """Delete the product that a row added, or archive it if it was sold; else make it what it was before."""
    if before is None:
        delete_product(product_id, actor)
        return
    product = get_product(product_id)
    update_product(product_id, _fields(before, product, actor, whole=True), actor, MovementKind.IMPORT)


def _find(given: Mapping[str, str]) -> Product | None:
    for key in KEYS:
        if key in given:
            found = db.session.scalars(select(Product.id).where(getattr(Product, key) == given[key])).first()
            if found is not None:
                return get_product(found)
    return None


def _fields(cells: Mapping[str, str], product: Product | None, actor: Actor, *, whole: bool = False) -> dict[str, Any]:
    """Return cells as the fields of a product; with ``whole`` empty cells clear what is there."""
    fields: dict[str, Any] = {}
    for name, cell in cells.items():
        if cell or whole:
            _read_cell(fields, name, cell)
    if cells.get("categories") or whole:
        fields["category_ids"] = [_category(path, actor) for path in _split(cells.get("categories", ""))]
    if cells.get("variants") or whole:
        fields["variants"] = _variants(cells.get("variants", ""), product.variants if product else [])
    return fields


def _read_cell(fields: dict[str, Any], name: str, cell: str) -> None:
    if name in MONEY:
        fields[MONEY[name]] = _read(name, cell, _cents)
    elif name in TIMES:
        fields[name] = _read(name, cell, _time)
    elif name in NUMBERS:
        fields[name] = _read(name, cell, _pieces)
    elif name == "tags":
        fields["tags"] = _split(cell)
    elif name in TEXTS:
        if len(cell) > LONGEST.get(name, 64):
            raise InvalidInput.of(name, "must have at most %(limit)s characters", limit=LONGEST.get(name, 64))
        fields[name] = cell or (None if name == "external_id" else "")


def _read(name: str, cell: str, read: Callable[[str], Any]) -> Any:
    try:
        return read(cell) if cell else None
    except (ValueError, ArithmeticError):
        raise InvalidInput.of(name, "cannot be read: %(cell)s", cell=cell[:60]) from None


def _cents(cell: str) -> int:
    return parse_money(parse_number(cell, decimal_mark(get_settings().country)))


def _time(cell: str) -> datetime:
    moment = datetime.fromisoformat(cell)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _pieces(cell: str) -> int:
    number = int(cell)
    if not 0 <= number <= 1_000_000_000:
        raise ValueError
    return number


def _split(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _category_paths() -> dict[int, str]:
    """Return each category as ``Food > Dairy``."""
    rows = {row.id: row for row in db.session.execute(select(Category.id, Category.name, Category.parent_id))}

    def path(row_id: int) -> str:
        row = rows[row_id]
        return row.name if row.parent_id is None else f"{path(row.parent_id)} > {row.name}"

    return {row_id: path(row_id) for row_id in rows}


def _category(path: str, actor: Actor) -> int:
    """Return the id of a category by its path; what is missing of it is added."""
    parent: int | None = None
    for name in (part.strip()[:200] for part in path.split(">")):
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


def _variant(row: dict[str, Any], existing: Sequence[Variant]) -> VariantInput:
    options = {str(name)[:64]: str(value)[:64] for name, value in row.get("options", {}).items()}
    stock = row.get("stock_quantity")
    values = {
        "name": str(row.get("name", ""))[:200],
        "options": options,
        "sku": str(row.get("sku", ""))[:64],
        "barcode": str(row.get("barcode", ""))[:64],
        "price_cents": _cents(str(row["price"])) if "price" in row else None,
        "sale_price_cents": _cents(str(row["sale_price"])) if "sale_price" in row else None,
        "stock_quantity": None if stock is None else _pieces(str(stock)),
    }
    known = next((one.id for one in existing if values["sku"] and one.sku == values["sku"]), None)
    known = known or next((one.id for one in existing if options and one.options == options), None)
    known = known or next((one.id for one in existing if values["name"] and one.name == values["name"]), None)
    return VariantInput(known, values)


PRODUCTS: Final = ImportKind("products", FIELDS, apply_row, undo_row)
