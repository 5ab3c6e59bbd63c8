"""The children of an order: items, addresses, transactions and notes."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Computed, Index, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.models.base import (
    Base,
    BigId,
    ByteOrderText,
    Cents,
    Code,
    IntPk,
    LongText,
    Name,
    ShopOwned,
    in_shop,
    kept_without_name,
    never_negative,
    one_of,
)
from shop.models.catalogue.product import Product, Variant

if TYPE_CHECKING:
    pass


class OrderItem(ShopOwned, Base):
    """A line of an order: article and price as sold; later changes of the catalogue do not change it."""

    __tablename__ = "order_items"
    __table_args__ = (
        in_shop("orders", "order_id"),
        in_shop("products", "product_id"),
        in_shop("variants", "variant_id"),
        Index(None, "order_id"),
        Index(None, "shop_id", "product_id", "order_id"),
        Index(None, "shop_id", "id", unique=True),
        *never_negative("price_cents", "tax_cents"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("refunded_quantity BETWEEN 0 AND quantity", name="refunded_within_bought"),
        kept_without_name(),
    )

    id: Mapped[IntPk]
    order_id: Mapped[int] = mapped_column(BigId)
    product_id: Mapped[int | None] = mapped_column(BigId)
    variant_id: Mapped[int | None] = mapped_column(BigId)
    name: Mapped[Name]
    sku: Mapped[Code] = mapped_column(default="")
    quantity: Mapped[int]
    price_cents: Mapped[Cents]
    """For one piece."""
    took_stock: Mapped[bool] = mapped_column(default=False)
    refunded_quantity: Mapped[int] = mapped_column(default=0)
    """Pieces refunded: the sum of its ``OrderRefundItem`` rows, at most the quantity."""
    restocked_quantity: Mapped[int] = mapped_column(default=0, server_default="0")
    """Pieces that went back to stock with a refund, at most the quantity."""
    tax_class: Mapped[Code] = mapped_column(default="", server_default="")
    """The code of its tax class; empty in orders without taxes by class."""
    tax_cents: Mapped[Cents] = mapped_column(default=0, server_default="0")
    """The tax of all its pieces, in the price or added to it."""

    product: Mapped[Product | None] = relationship(
        primaryjoin="foreign(OrderItem.product_id) == Product.id", viewonly=True
    )
    variant: Mapped[Variant | None] = relationship(
        primaryjoin="foreign(OrderItem.variant_id) == Variant.id", viewonly=True
    )


class OrderAddress(ShopOwned, Base):
    """The shipping or billing address of an order, as it was when placed."""

    __tablename__ = "order_addresses"
    __table_args__ = (in_shop("orders", "order_id"), Index(None, "order_id"))

    id: Mapped[IntPk]
    order_id: Mapped[int] = mapped_column(BigId)
    type: Mapped[Code]
    name: Mapped[Name] = mapped_column(default="")
    street: Mapped[LongText] = mapped_column(default="")
    city: Mapped[Name] = mapped_column(default="")
    state: Mapped[Name] = mapped_column(default="")
    zip: Mapped[Code] = mapped_column(default="")
    country: Mapped[Name] = mapped_column(default="")


class OrderTransaction(ShopOwned, Base):
    """A payment or refund of an order."""

    __tablename__ = "order_transactions"
    __table_args__ = (
        in_shop("orders", "order_id"),
        Index(None, "order_id"),
        Index(None, "shop_id", "reference_key"),
        one_of("kind", ("payment", "refund")),
        *never_negative("amount_cents"),
        kept_without_name(),
    )

    id: Mapped[IntPk]
    order_id: Mapped[int] = mapped_column(BigId)
    kind: Mapped[Code]
    amount_cents: Mapped[Cents]
    method: Mapped[Name | None]
    reference: Mapped[Name | None]
    reference_key: Mapped[str | None] = mapped_column(ByteOrderText, Computed("upper(reference)"), deferred=True)
    """The reference as it is compared."""
    status: Mapped[Code]
    created_at: Mapped[datetime]


class OrderNote(ShopOwned, Base):
    """A note with an order by the customer at checkout, staff or the system."""

    __tablename__ = "order_notes"
    __table_args__ = (in_shop("orders", "order_id"), Index(None, "order_id"))

    id: Mapped[IntPk]
    order_id: Mapped[int] = mapped_column(BigId)
    author: Mapped[Name]
    content: Mapped[LongText]
    is_shared: Mapped[bool] = mapped_column(server_default=false())
    """Whether the customer may read a note by staff; they can always read their own."""
    created_at: Mapped[datetime]
