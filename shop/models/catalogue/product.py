"""Products and their variants."""

from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.models.base import (
    Base,
    BigId,
    Cents,
    Code,
    IntPk,
    LongText,
    Name,
    ShopOwned,
    Stamped,
    id_in_shop,
    in_shop,
    never_negative,
    one_of,
)

PRODUCT_STATUSES = ("active", "draft")


class Product(ShopOwned, Stamped, Base):
    """An article. ``stock_quantity`` None means that stock is not counted."""

    __tablename__ = "products"
    __table_args__ = (
        UniqueConstraint("shop_id", "slug"),
        id_in_shop(),
        one_of("status", PRODUCT_STATUSES),
        *never_negative("price_cents", "sale_price_cents", "stock_quantity"),
    )

    id: Mapped[IntPk]
    name: Mapped[Name]
    slug: Mapped[Name]
    description: Mapped[LongText] = mapped_column(default="")
    sku: Mapped[Code] = mapped_column(default="")
    price_cents: Mapped[Cents]
    sale_price_cents: Mapped[Cents | None]
    status: Mapped[Code] = mapped_column(default="active")
    stock_quantity: Mapped[int | None]
    images: Mapped[list[Any]] = mapped_column(default=list)

    variants: Mapped[list["Variant"]] = relationship(
        primaryjoin="foreign(Variant.product_id) == Product.id", order_by="Variant.id", viewonly=True
    )


class Variant(ShopOwned, Stamped, Base):
    """A size or kind of a product with its own price and stock."""

    __tablename__ = "variants"
    __table_args__ = (
        in_shop("products", "product_id"),
        id_in_shop(),
        Index(None, "product_id"),
        *never_negative("price_cents", "sale_price_cents", "stock_quantity"),
    )

    id: Mapped[IntPk]
    product_id: Mapped[int] = mapped_column(BigId)
    name: Mapped[Name]
    sku: Mapped[Code] = mapped_column(default="")
    price_cents: Mapped[Cents]
    sale_price_cents: Mapped[Cents | None]
    stock_quantity: Mapped[int | None]
