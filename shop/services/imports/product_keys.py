"""The identifying fields of a product's row, and cells as they are stored."""

import json
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from shop.domain.imports.cells import restore_digits
from shop.domain.text.cleaning import clean_line, clean_text, code_key
from shop.domain.text.spreadsheets import without_formula_guard
from shop.services.errors import InvalidInput
from shop.services.imports.kinds import Cells

CODES: Final = ("external_id", "sku", "barcode")
"""Fields that spreadsheets take for numbers."""
LINES: Final = frozenset({"description", "variants"})
KEYS: Final = (*CODES, "slug")
"""Identifying fields; the first non-empty one counts."""


def product_keys(cells: Cells) -> Iterable[tuple[str, str]]:
    """Return the identifying fields of a product and its variants as they are compared; as written if invalid."""
    for key in KEYS:
        text = cells.get(key, "").strip()
        with suppress(ValueError):  # the row will be refused
            text = _with_digits(key, clean_cell(key, text))
        yield key, _key(key, text)
    try:
        variants = json.loads(cells.get("variants") or "[]")
        yield from ((key, _key(key, str(one.get(key, "")))) for one in variants for key in ("sku", "barcode"))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return  # the row will be refused


def _key(name: str, text: str) -> str:
    return code_key(text) if name in ("sku", "barcode") else text


def clean_cell(name: str, cell: str) -> str:
    """Return a cell without invisible characters and the guard against formulas; only some fields may have lines.

    Raise ValueError for control characters.
    """
    return without_formula_guard(clean_text(cell) if name in LINES else clean_line(cell))


def read_digits(name: str, cell: str) -> str:
    """Return a clean cell, of a code with all digits. Raise InvalidInput if a spreadsheet has cut some off."""
    try:
        return _with_digits(name, cell)
    except ValueError as wrong:
        raise InvalidInput.of(name, str(wrong)) from None


def _with_digits(name: str, cell: str) -> str:
    return restore_digits(cell) if name in CODES else cell
