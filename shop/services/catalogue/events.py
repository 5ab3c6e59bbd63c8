"""Domain events about products."""

from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from shop.db.session import db
from shop.domain.events import EventType, Noun
from shop.models import Product
from shop.services.actors import Actor
from shop.services.events.recording import PendingEvent, record, show

WHOLE = (
    selectinload(Product.variants),
    selectinload(Product.pictures),
    selectinload(Product.tags),
    selectinload(Product.categories),
)


def find_product(product_id: int) -> Product | None:
    """Return a product with its variants, images, tags and categories as they are now; None if there is none."""
    statement = select(Product).where(Product.id == product_id).options(*WHOLE)
    return db.session.scalars(statement, execution_options={"populate_existing": True}).first()


def show_product(product_id: int) -> dict[str, Any] | None:
    """Return a product as the API shows it, before it is changed; None if there is none."""
    product = find_product(product_id)
    return None if product is None else show(Noun.PRODUCT, product)


def record_product(product_id: int, actor: Actor, before: dict[str, Any] | None = None) -> PendingEvent:
    """Record that a product was added, or changed from ``before``, in the caller's transaction."""
    return record(EventType.PRODUCT_UPDATED, product_id, partial(find_product, product_id), actor, before=before)
