"""Carts."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.models.base import Base, BigId, Cents, Email, IntPk, Name, ShopOwned, id_in_shop, in_shop, same_as_customers
from shop.models.catalogue.product import Product, Variant


class Cart(ShopOwned, Base):
    """The cart of a guest's session, or of a customer in all browsers."""

    __tablename__ = "carts"
    __table_args__ = (
        UniqueConstraint("shop_id", "session_id"),
        UniqueConstraint("shop_id", "customer_id"),
        id_in_shop(),
        in_shop("shopper_sessions", "session_id", ondelete="CASCADE"),
        in_shop("customers", "customer_id"),
        CheckConstraint("(session_id IS NULL) <> (customer_id IS NULL)", name="one_owner"),
    )

    id: Mapped[IntPk]
    session_id: Mapped[int | None] = mapped_column(BigId)
    customer_id: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[datetime]


class CartItem(ShopOwned, Base):
    """The quantity of one article in a cart. It has no price: the catalogue has it."""

    __tablename__ = "cart_items"
    __table_args__ = (
        in_shop("carts", "cart_id", ondelete="CASCADE"),
        in_shop("products", "product_id", ondelete="CASCADE"),
        in_shop("variants", "variant_id", ondelete="CASCADE"),
        Index(
            "ix_cart_items_one_product",
            "cart_id",
            "product_id",
            unique=True,
            sqlite_where=text("variant_id IS NULL"),
            postgresql_where=text("variant_id IS NULL"),
        ),
        Index(
            "ix_cart_items_one_variant",
            "cart_id",
            "variant_id",
            unique=True,
            sqlite_where=text("variant_id IS NOT NULL"),
            postgresql_where=text("variant_id IS NOT NULL"),
        ),
        Index(None, "shop_id", "product_id"),
        Index(None, "shop_id", "variant_id"),
        CheckConstraint("quantity BETWEEN 1 AND 100000", name="quantity_in_range"),
    )

    id: Mapped[IntPk]
    cart_id: Mapped[int] = mapped_column(BigId)
    product_id: Mapped[int] = mapped_column(BigId)
    variant_id: Mapped[int | None] = mapped_column(BigId)
    quantity: Mapped[int]
    created_at: Mapped[datetime]

    product: Mapped[Product] = relationship(primaryjoin="foreign(CartItem.product_id) == Product.id", viewonly=True)
    variant: Mapped[Variant | None] = relationship(
        primaryjoin="foreign(CartItem.variant_id) == Variant.id", viewonly=True
    )


class AbandonedCart(ShopOwned, Base):
    """A cart as a storefront reported it: ``items`` and ``total_cents`` were not checked with the catalogue.

    ``reminder_consent`` says that the shopper agreed to a reminder of this cart; ``stopped_at`` that staff want none.
    """

    __tablename__ = "abandoned_carts"
    __table_args__ = (
        in_shop("customers", "customer_id"),
        Index(None, "shop_id", "id"),
        Index(None, "shop_id", "email"),
        Index(None, "shop_id", "customer_id"),
        Index(None, "created_at"),
    )

    id: Mapped[IntPk]
    email: Mapped[Email | None] = mapped_column(info=same_as_customers("email"))
    phone: Mapped[Name | None] = mapped_column(info=same_as_customers("phone"))
    customer_id: Mapped[int | None] = mapped_column(BigId)
    """The signed-in customer; never found by the e-mail, which anyone can type."""
    items: Mapped[list[Any]]
    total_cents: Mapped[Cents | None]
    created_at: Mapped[datetime]
    reminder_consent: Mapped[bool] = mapped_column(default=False, server_default=false())
    reminded_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
