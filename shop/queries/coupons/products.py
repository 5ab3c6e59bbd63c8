"""Products and categories of a coupon."""

from collections.abc import Sequence

from sqlalchemy import select

from shop.db.session import db
from shop.models import Category, Product


def skus_of(product_ids: Sequence[int]) -> list[str]:
    """Return the SKUs of products."""
    rows = select(Product.sku).where(Product.id.in_(product_ids), Product.sku != "").order_by(Product.sku)
    return list(db.session.scalars(rows)) if product_ids else []


def names_of(product_ids: Sequence[int]) -> list[str]:
    """Return the names of products."""
    rows = select(Product.name).where(Product.id.in_(product_ids)).order_by(Product.name)
    return list(db.session.scalars(rows)) if product_ids else []


def categories_of(category_ids: Sequence[int]) -> list[str]:
    """Return the names of categories."""
    rows = select(Category.name).where(Category.id.in_(category_ids)).order_by(Category.name)
    return list(db.session.scalars(rows)) if category_ids else []
