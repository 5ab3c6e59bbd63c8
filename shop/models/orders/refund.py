"""Refunds of orders, in full, of an amount, or of pieces of their lines."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.models.base import (
    Base,
    BigId,
    BigInt,
    Cents,
    Code,
    IntPk,
    LongText,
    Name,
    ShopOwned,
    erased_to,
    in_shop,
    kept_without_name,
    never_negative,
    partial_index,
)

TO_SEND = "sent_at IS NULL"


class OrderRefund(ShopOwned, Base):
    """A refund of an order, in full or in part, and the points it moved.

    ``goods_cents`` is its part of the order's subtotal; ``points_short`` is how many of the reversed points were
    missing (None for refunds older than this column).
    """

    __tablename__ = "order_refunds"
    __table_args__ = (
        in_shop("orders", "order_id"),
        Index(None, "order_id"),
        Index(None, "shop_id", "id", unique=True),
        Index(None, "shop_id", "cause", unique=True),
        partial_index("ix_order_refunds_to_send", TO_SEND, "shop_id", "id"),
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        *never_negative("points_taken_back", "points_given_back"),
        kept_without_name(),
    )

    id: Mapped[IntPk]
    order_id: Mapped[int] = mapped_column(BigId)
    amount_cents: Mapped[Cents]
    goods_cents: Mapped[Cents]
    reason: Mapped[LongText] = mapped_column(default="", info=erased_to(""))
    cause: Mapped[Name | None]
    """The key of the request, if it has one: the same key again is the same refund."""
    reference: Mapped[Name | None]
    points_taken_back: Mapped[BigInt]
    points_given_back: Mapped[BigInt]
    points_short: Mapped[BigInt | None]
    restocked_quantity: Mapped[int] = mapped_column(default=0, server_default="0")
    """Pieces that went back to stock with it."""
    actor_kind: Mapped[Code]
    actor_id: Mapped[int | None] = mapped_column(BigId)
    actor_label: Mapped[Name]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    """When the money was sent; None until then."""
    sent_by: Mapped[Name | None]

    items: Mapped[list["OrderRefundItem"]] = relationship(
        primaryjoin="foreign(OrderRefundItem.refund_id) == OrderRefund.id", order_by="OrderRefundItem.id", viewonly=True
    )


class OrderRefundItem(ShopOwned, Base):
    """The refunded quantity of an order's line."""

    __tablename__ = "order_refund_items"
    __table_args__ = (
        in_shop("order_refunds", "refund_id"),
        in_shop("order_items", "order_item_id"),
        UniqueConstraint("refund_id", "order_item_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        kept_without_name(),
    )

    id: Mapped[IntPk]
    refund_id: Mapped[int] = mapped_column(BigId)
    order_item_id: Mapped[int] = mapped_column(BigId)
    quantity: Mapped[int]
