"""The products that customers may have bought, to choose from."""

from typing import Final

from sqlalchemy import select

from shop.db.session import db
from shop.models import Product

MOST: Final = 500


def list_products_by_name(product_id: int | None = None) -> list[tuple[int, str]]:
    """Return the id and name of up to 500 products by name, or of one."""
    found = select(Product.id, Product.name).order_by(Product.name, Product.id).limit(MOST)
    if product_id is not None:
        found = found.where(Product.id == product_id)
    return [(row.id, row.name) for row in db.session.execute(found)]
