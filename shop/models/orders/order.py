"""Orders and their totals."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, Computed, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.models.base import (
    Base,
    BigId,
    BigInt,
    ByteOrderText,
    Cents,
    Code,
    IntPk,
    Name,
    ShopOwned,
    Stamped,
    erased_to,
    id_in_shop,
    in_shop,
    kept_without_name,
    never_negative,
    one_of,
    partial_index,
)
from shop.models.customers.customer import Customer
from shop.models.orders.parts import OrderAddress, OrderItem, OrderNote, OrderTransaction

if TYPE_CHECKING:
    from shop.models.orders.refund import OrderRefund

ORDER_SOURCES = ("api", "admin", "storefront")
MAY_EARN = (
    "customer_id IS NOT NULL AND status <> 'cancelled' AND payment_status <> 'refunded' AND payment_status <> 'failed'"
)
"""Orders that have earned points or can still earn them: the condition of a partial index."""
HOLDS_POINTS = "payment_status = 'pending' AND status <> 'cancelled' AND points_redeemed > points_returned"
MISSES_POINTS = (
    "points_earned = 0 AND customer_id IS NOT NULL AND status <> 'cancelled' "
    "AND payment_status <> 'refunded' AND payment_status <> 'failed' "
    "AND (paid_at IS NOT NULL OR completed_at IS NOT NULL) "
    "AND (no_award_reason IS NULL OR no_award_reason = 'loyalty_off')"
)
AWAITS_PAYMENT = (
    "pay_by IS NOT NULL AND status = 'pending' AND (payment_status = 'pending' OR payment_status = 'failed')"
)
"""Unpaid orders with a payment deadline."""
AWAITS_CONFIRMATION = AWAITS_PAYMENT.replace("pay_by", "confirm_by")
"""Unconfirmed orders of guests or on delivery with a confirmation deadline."""
OUT_FOR_DELIVERY = "out_for_delivery_at IS NOT NULL AND status = 'processing'"
NO_AWARD_REASONS = ("no_customer", "cancelled", "rate_zero", "below_minimum", "rounded_to_zero", "loyalty_off")


class OrderColumns(Stamped):
    """The columns of an order, defined once for the model and for the record that services use.

    Amounts are in minor units and always add up. ``loyalty_rules`` are the rules in force when the order was placed;
    its points are calculated by them, whatever the settings are later.
    """

    id: Mapped[IntPk]
    order_number: Mapped[Code]
    customer_id: Mapped[int | None] = mapped_column(BigId)
    status: Mapped[Code]
    payment_status: Mapped[Code]
    payment_method: Mapped[Name | None]
    payment_method_code: Mapped[Code | None]
    subtotal_cents: Mapped[Cents]
    shipping_cents: Mapped[Cents]
    tax_cents: Mapped[Cents]
    discount_cents: Mapped[Cents]
    coupon_discount_cents: Mapped[Cents] = mapped_column(default=0)
    points_discount_cents: Mapped[Cents] = mapped_column(default=0)
    shipping_discount_cents: Mapped[Cents] = mapped_column(default=0)
    """The coupon's discount on the delivery; ``shipping_cents`` is without it."""
    total_cents: Mapped[Cents]
    refunded_cents: Mapped[Cents] = mapped_column(default=0)
    refunded_goods_cents: Mapped[Cents] = mapped_column(default=0)
    """The part of the subtotal refunded so far: ``r`` in the calculation of reversed points."""
    currency: Mapped[Code]
    coupon_id: Mapped[int | None] = mapped_column(BigId)
    coupon_code: Mapped[Code | None]
    coupon_returned: Mapped[bool] = mapped_column(default=False)
    shipping_method: Mapped[Name | None]
    points_redeemed: Mapped[BigInt] = mapped_column(default=0)
    points_returned: Mapped[BigInt] = mapped_column(default=0)
    points_earned: Mapped[BigInt] = mapped_column(default=0)
    points_taken_back: Mapped[BigInt] = mapped_column(default=0)
    no_award_reason: Mapped[Code | None]
    """Why no points were awarded when they were due, one of :data:`NO_AWARD_REASONS`; None before that."""
    loyalty_rules: Mapped[dict[str, Any]]
    stock_returned: Mapped[bool] = mapped_column(default=False)
    source: Mapped[Code]
    api_label: Mapped[Name | None]
    api_key_id: Mapped[int | None] = mapped_column(BigId)
    """The key whose name is ``api_label``; None if the caller gave the label. May be deleted."""
    external_id: Mapped[str | None] = mapped_column(String(100))
    """The order's id in another system."""
    details: Mapped[dict[str, Any] | None] = mapped_column("metadata", key="details", info=erased_to(None))
    """API metadata: values by key."""
    payment_token_hash: Mapped[Code | None]
    shopper_session_id: Mapped[int | None] = mapped_column(BigId)
    """The session it was placed from, which may pay it without the payment token; may be deleted."""
    order_date: Mapped[datetime]
    pay_by: Mapped[datetime | None]
    """When it is cancelled if it is not paid; None for no limit."""
    confirm_by: Mapped[datetime | None]
    """When it is cancelled unless it is paid or has another status by then."""
    paid_at: Mapped[datetime | None]
    out_for_delivery_at: Mapped[datetime | None]
    rider_name: Mapped[Name | None]
    rider_phone: Mapped[Name | None]
    awards_undone: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often an award was undone because the order was marked by mistake; it may earn again."""
    completed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]


class Order(ShopOwned, OrderColumns, Base):
    """The table of orders. Services read and change an order as a record: see services/orders/repository.py."""

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("shop_id", "order_number"),
        id_in_shop(),
        in_shop("customers", "customer_id"),
        in_shop("coupons", "coupon_id"),
        Index(None, "shop_id", "customer_id", "id"),
        Index(None, "shop_id", "status", "id"),
        Index(None, "shop_id", "order_date", "id"),
        Index(None, "shop_id", "updated_at", "id"),
        Index(
            "uq_orders_shop_id_external_id",
            *("shop_id", "external_id"),
            unique=True,
            sqlite_where=text("external_id IS NOT NULL"),
            postgresql_where=text("external_id IS NOT NULL"),
        ),
        Index(None, "shop_id", "total_cents", "id"),
        Index(None, "shop_id", "number_suffix"),
        Index(
            "ix_orders_sales",
            *("shop_id", "payment_status", "order_date", "id", "status", "source"),
            *("total_cents", "refunded_cents", "customer_id"),
        ),
        Index(None, "shop_id", "status", "order_date", "id", "payment_status", "source"),
        Index(None, "shop_id", "source", "order_date", "id", "status", "payment_status"),
        Index(
            "ix_orders_may_earn",
            *("shop_id", "order_date", "subtotal_cents", "paid_at", "completed_at"),
            sqlite_where=text(MAY_EARN),
            postgresql_where=text(MAY_EARN),
        ),
        partial_index("ix_orders_with_coupon", "coupon_id IS NOT NULL", "shop_id", "coupon_id", "id"),
        partial_index("ix_orders_holding_points", HOLDS_POINTS, "shop_id", "payment_status", "order_date"),
        partial_index("ix_orders_missing_points", MISSES_POINTS, "shop_id", "order_date"),
        partial_index("ix_orders_out_for_delivery", OUT_FOR_DELIVERY, "shop_id", "order_date"),
        partial_index("ix_orders_awaiting_payment", AWAITS_PAYMENT, "pay_by"),
        partial_index("ix_orders_awaiting_confirmation", AWAITS_CONFIRMATION, "confirm_by"),
        one_of("status", OrderStatus),
        one_of("payment_status", PaymentStatus),
        one_of("source", ORDER_SOURCES),
        *never_negative(
            "subtotal_cents",
            "shipping_cents",
            "tax_cents",
            "discount_cents",
            "coupon_discount_cents",
            "points_discount_cents",
            "shipping_discount_cents",
            "total_cents",
            "refunded_cents",
            "refunded_goods_cents",
            "points_redeemed",
            "points_earned",
        ),
        CheckConstraint(
            "total_cents = subtotal_cents + shipping_cents + tax_cents - discount_cents", name="amounts_add_up"
        ),
        CheckConstraint("coupon_discount_cents + points_discount_cents <= discount_cents", name="discount_parts"),
        CheckConstraint("refunded_cents <= total_cents", name="refund_within_total"),
        CheckConstraint("points_returned BETWEEN 0 AND points_redeemed", name="returned_within_redeemed"),
        CheckConstraint("points_taken_back BETWEEN 0 AND points_earned", name="taken_back_within_earned"),
        kept_without_name(),
    )

    number_suffix: Mapped[str] = mapped_column(ByteOrderText, Computed("substr(order_number, 12)"), deferred=True)
    """The last five characters of ``ORD-260115-7KQ4F``, by which people search."""

    customer: Mapped[Customer | None] = relationship(
        primaryjoin="foreign(Order.customer_id) == Customer.id", viewonly=True
    )
    items: Mapped[list["OrderItem"]] = relationship(
        primaryjoin="foreign(OrderItem.order_id) == Order.id", order_by="OrderItem.id", viewonly=True
    )
    addresses: Mapped[list["OrderAddress"]] = relationship(
        primaryjoin="foreign(OrderAddress.order_id) == Order.id", order_by="OrderAddress.id", viewonly=True
    )
    transactions: Mapped[list["OrderTransaction"]] = relationship(
        primaryjoin="foreign(OrderTransaction.order_id) == Order.id", order_by="OrderTransaction.id", viewonly=True
    )
    refunds: Mapped[list["OrderRefund"]] = relationship(
        primaryjoin="foreign(OrderRefund.order_id) == Order.id", order_by="OrderRefund.id", viewonly=True
    )
    notes: Mapped[list["OrderNote"]] = relationship(
        primaryjoin="foreign(OrderNote.order_id) == Order.id", order_by="OrderNote.id", viewonly=True
    )
