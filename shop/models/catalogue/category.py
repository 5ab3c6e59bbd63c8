"""Categories: a tree that products are sorted into."""

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import Base, BigId, IntPk, Name, ShopOwned, Stamped, id_in_shop, in_shop


class Category(ShopOwned, Stamped, Base):
    """A category; ``position`` orders those with the same parent."""

    __tablename__ = "categories"
    __table_args__ = (
        UniqueConstraint("shop_id", "slug"),
        id_in_shop(),
        in_shop("categories", "parent_id"),
        Index(None, "shop_id", "parent_id"),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
    )

    id: Mapped[IntPk]
    name: Mapped[Name]
    slug: Mapped[Name]
    parent_id: Mapped[int | None] = mapped_column(BigId)
    position: Mapped[int] = mapped_column(default=0)


class ProductCategory(ShopOwned, Base):
    """A product in a category."""

    __tablename__ = "product_categories"
    __table_args__ = (
        in_shop("products", "product_id"),
        in_shop("categories", "category_id"),
        UniqueConstraint("shop_id", "category_id", "product_id"),
        Index(None, "product_id"),
    )

    id: Mapped[IntPk]
    product_id: Mapped[int] = mapped_column(BigId)
    category_id: Mapped[int] = mapped_column(BigId)
