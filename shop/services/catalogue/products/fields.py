"""Derived and validated fields of products: slugs, tags, search texts."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from shop.db.session import db
from shop.domain.text.cleaning import clean_line
from shop.domain.text.search import normalize_search
from shop.domain.text.slugs import NO_SLUG, slugify
from shop.models import Category, Product, Variant
from shop.services.errors import Conflict, InvalidInput

MAX_TAGS = 50
LONGEST_TAG = 64


def free_slug(model: type[Product] | type[Category], name: str, own_id: int | None = None) -> str:
    """Return the slug of a name, with a number after it if another row of the shop has it."""
    slug = slugify(name, 180) or "item"
    statement = select(model.slug).where(model.slug.startswith(slug, autoescape=True), model.id != (own_id or 0))
    taken = set(db.session.scalars(statement))
    number, found = 1, slug
    while found in taken:
        number += 1
        found = f"{slug}-{number}"
    return found


def chosen_slug(model: type[Product] | type[Category], slug: str, own_id: int | None = None) -> str:
    """Return a slug as it is stored.

    Raises InvalidInput if it has no Latin letter or digit, Conflict ``slug_taken`` if another row of the shop has it.
    """
    chosen = slugify(slug, 200)
    if not chosen:
        raise InvalidInput.of("slug", NO_SLUG)
    taken = select(model.id).where(model.slug == chosen, model.id != (own_id or 0))
    if db.session.scalars(taken).first() is not None:
        raise Conflict("The slug %(slug)s is already used.", code="slug_taken", slug=chosen)
    return chosen


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Return tags without empty and repeated ones, ignoring case. Raise InvalidInput for too many or too long ones."""
    found: dict[str, str] = {}
    for number, raw in enumerate(tags):
        tag = clean_line(raw)
        if len(tag) > LONGEST_TAG:
            raise InvalidInput.of(f"tags[{number}]", "must have at most %(limit)s characters", limit=LONGEST_TAG)
        if tag:
            found.setdefault(tag.casefold(), tag)
    if len(found) > MAX_TAGS:
        raise InvalidInput.of("tags", "must be at most %(limit)s", limit=MAX_TAGS)
    return list(found.values())


def write_search_text(product: Product, variants: Sequence[Variant], tags: Sequence[str]) -> None:
    """Set the searchable text of a product."""
    of_variants = [text for one in variants for text in (one.name, one.sku, one.barcode)]
    words = normalize_search(" ".join([product.name, product.sku, product.barcode, *of_variants, *tags]))
    product.search_text = f" {words} "
