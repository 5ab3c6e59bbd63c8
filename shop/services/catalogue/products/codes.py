"""SKUs and barcodes: unique in the shop and found however they are typed, as people cannot tell "abc" from "ABC"."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import select

from shop.db.session import db
from shop.domain.text.cleaning import code_key
from shop.models import Product, Variant
from shop.services.errors import Conflict

COLUMNS: Final = ("sku", "barcode")


def find_ids_by_codes(column: str, codes: Iterable[str]) -> dict[str, int]:
    """Return the ids of the products whose own ``sku`` or ``barcode`` is one of the codes, by the code as given.

    A code of no product, or of several, is left out. The code exactly as written goes first: products of earlier
    versions may differ in case or width alone.
    """
    own, key = getattr(Product, column), getattr(Product, f"{column}_key")
    keys = {code: code_key(code) for code in codes}
    rows = db.session.execute(select(Product.id, own, key).where(key.in_(set(keys.values())), own != "")).all()
    found = {}
    for code, wanted in keys.items():
        same = [row for row in rows if row[2] == wanted]
        ids = [row.id for row in same if row[1] == code] or [row.id for row in same]
        if len(ids) == 1:
            found[code] = ids[0]
    return found


def find_id_by_code(column: str, code: str) -> int | None:
    """Return the id of the product with a code, as :func:`find_ids_by_codes`; None for none or several."""
    return find_ids_by_codes(column, [code]).get(code)


def codes_of(product: Product, variants: Iterable[Variant]) -> dict[str, set[str]]:
    """Return the SKUs and barcodes of a product and its variants, by ``sku`` and ``barcode``."""
    return {column: {getattr(one, column) for one in (product, *variants)} for column in COLUMNS}


def check_codes(product_id: int | None, codes: Mapping[str, Sequence[str]], before: Mapping[str, set[str]]) -> None:
    """Raise Conflict if another product or variant of the shop has one of the SKUs and barcodes.

    The error is ``sku_taken`` or ``barcode_taken``; the message names the product that has it. Codes that the product
    had ``before`` are checked only among themselves, so that those of earlier versions can stay.
    """
    for column in COLUMNS:
        given = [code for code in codes[column] if code]
        new = set(given) - before[column]
        counts, keys = Counter(given), Counter(map(code_key, given))
        repeated = next((one for one in given if counts[one] > 1 or (one in new and keys[code_key(one)] > 1)), None)
        owner = (repeated, "") if repeated else _other_owner(column, new, product_id)
        if owner is not None:
            _refuse(column, *owner)


def _refuse(column: str, code: str, name: str) -> None:
    if not name and column == "sku":
        raise Conflict("The SKU %(code_value)s is given twice.", code="sku_taken", code_value=code)
    if not name:
        raise Conflict("The barcode %(code_value)s is given twice.", code="barcode_taken", code_value=code)
    if column == "sku":
        raise Conflict("%(name)s has the SKU %(code_value)s.", code="sku_taken", name=name, code_value=code)
    raise Conflict("%(name)s has the barcode %(code_value)s.", code="barcode_taken", name=name, code_value=code)


def _other_owner(column: str, codes: set[str], product_id: int | None) -> tuple[str, str] | None:
    if not codes:
        return None
    keys = {code_key(code) for code in codes}
    own, of_variant = getattr(Product, column), getattr(Variant, column)
    own_key, variant_key = getattr(Product, f"{column}_key"), getattr(Variant, f"{column}_key")
    products = select(own, Product.name).where(own_key.in_(keys), Product.id != (product_id or 0))
    variants = (
        select(of_variant, Product.name)
        .join(Product, Product.id == Variant.product_id)
        .where(variant_key.in_(keys), Variant.product_id != (product_id or 0))
    )
    for statement in (products, variants):
        row = db.session.execute(statement).first()
        if row is not None:
            return row[0], row[1]
    return None
