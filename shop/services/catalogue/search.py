"""Search for products by parts of names, SKUs and barcodes, including those of variants, and of tags."""

from typing import Final

from sqlalchemy import ColumnElement, select

from shop.db.trigrams import SHORTEST, contains, is_sqlite, trigram_table
from shop.db.upsert import like_fragment
from shop.domain.text.search import normalize_search
from shop.models import Product

_TRIGRAMS: Final = trigram_table("product_words")


def product_conditions(typed: str, *, indexed: bool = True) -> list[ColumnElement[bool]]:
    """Return the conditions that a product matches every word; ``indexed`` allows SQLite's index."""
    words = normalize_search(typed).split()
    long = [word for word in words if len(word) >= SHORTEST] if indexed and is_sqlite() else []
    texts: list[ColumnElement[bool]] = [
        Product.search_text.like(like_fragment(word), escape="\\") for word in words if word not in long
    ]
    if not long:
        return texts
    return [Product.id.in_(select(_TRIGRAMS.c.rowid).where(contains(_TRIGRAMS, long))), *texts]
