"""What a shop sells, and what it takes off, adds and accepts at checkout."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
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
COUPON_TYPES = ("percentage", "fixed")
COUPON_STATUSES = ("active", "inactive")
SHIPPING_TYPES = ("flat_rate", "free_above")


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


class Coupon(ShopOwned, Stamped, Base):
    """A code that takes something off. ``value`` is hundredths of a per cent, or cents, by ``type``."""

    __tablename__ = "coupons"
    __table_args__ = (
        UniqueConstraint("shop_id", "code"),
        id_in_shop(),
        one_of("type", COUPON_TYPES),
        one_of("status", COUPON_STATUSES),
        *never_negative("value", "usage_count", "min_purchase_cents"),
        CheckConstraint("code = upper(code)", name="code_upper"),
        CheckConstraint("usage_limit IS NULL OR usage_count <= usage_limit", name="within_limit"),
        CheckConstraint("type <> 'percentage' OR value <= 10000", name="percentage_in_range"),
    )

    id: Mapped[IntPk]
    code: Mapped[Code]
    type: Mapped[Code]
    value: Mapped[Cents]
    usage_limit: Mapped[int | None]
    usage_count: Mapped[int] = mapped_column(default=0)
    min_purchase_cents: Mapped[Cents] = mapped_column(default=0)
    start_date: Mapped[datetime | None]
    end_date: Mapped[datetime | None]
    status: Mapped[Code] = mapped_column(default="active")


class ShippingMethod(ShopOwned, Base):
    """A way to deliver: a flat rate, or one that is free from an amount on."""

    __tablename__ = "shipping_methods"
    __table_args__ = (
        id_in_shop(),
        Index(None, "shop_id", "position"),
        one_of("type", SHIPPING_TYPES),
        *never_negative("cost_cents", "free_above_cents"),
    )

    id: Mapped[IntPk]
    name: Mapped[Name]
    type: Mapped[Code]
    cost_cents: Mapped[Cents]
    free_above_cents: Mapped[Cents | None]
    countries: Mapped[list[Any]] = mapped_column(default=list)
    """ISO country codes it serves; empty means everywhere."""
    enabled: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)


class PaymentMethod(ShopOwned, Base):
    """A way to pay that the shop offers. ``config`` holds only what a storefront may see.

    An order that is not paid ``time_limit_minutes`` after it was placed is cancelled; None: it waits for ever.
    """

    __tablename__ = "payment_methods"
    __table_args__ = (
        UniqueConstraint("shop_id", "code"),
        CheckConstraint(
            "time_limit_minutes IS NULL OR time_limit_minutes BETWEEN 1 AND 43200", name="time_limit_in_range"
        ),
    )

    id: Mapped[IntPk]
    code: Mapped[Code]
    name: Mapped[Name]
    enabled: Mapped[bool] = mapped_column(default=True)
    config: Mapped[dict[str, Any]] = mapped_column(default=dict)
    position: Mapped[int] = mapped_column(default=0)
    time_limit_minutes: Mapped[int | None]
