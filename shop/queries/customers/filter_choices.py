"""The options of filters of customers and segments: the shop's tags and products."""

from typing import Final

from sqlalchemy import func, select

from shop.db.session import db
from shop.models import CustomerTag, Product

MAX_TAGS: Final = 200
MAX_PRODUCTS: Final = 500


def list_tags() -> list[str]:
    """Return the shop's tags in byte order, up to 200.

    Each step of the recursion is one index look-up; DISTINCT would read every row on both engines.
    """
    tags = select(func.min(CustomerTag.tag).label("tag")).cte("tags", recursive=True)
    following = select(func.min(CustomerTag.tag)).where(CustomerTag.tag > tags.c.tag).scalar_subquery()
    tags = tags.union_all(select(following).where(tags.c.tag.is_not(None)))
    return list(db.session.scalars(select(tags.c.tag).where(tags.c.tag.is_not(None)).limit(MAX_TAGS)))


def list_products_by_name(product_id: int | None = None) -> list[tuple[int, str]]:
    """Return the id and name of up to 500 products by name, or of one."""
    found = select(Product.id, Product.name).order_by(Product.name, Product.id).limit(MAX_PRODUCTS)
    if product_id is not None:
        found = found.where(Product.id == product_id)
    return [(row.id, row.name) for row in db.session.execute(found)]
