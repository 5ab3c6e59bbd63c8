"""Coupons: codes that take an amount off an order."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.domain.pricing.coupons import CouponType
from shop.models.base import (
    Base,
    Cents,
    Code,
    IntPk,
    Json,
    Name,
    ShopOwned,
    Stamped,
    id_in_shop,
    never_negative,
    one_of,
)

COUPON_STATUSES = ("active", "inactive")


class Coupon(ShopOwned, Stamped, Base):
    """A code that takes something off. ``value`` is hundredths of a per cent, or cents, by ``type``.

    A use by a customer is an order with ``coupon_id`` whose use was not returned.
    """

    __tablename__ = "coupons"
    __table_args__ = (
        UniqueConstraint("shop_id", "code"),
        id_in_shop(),
        one_of("type", CouponType),
        one_of("status", COUPON_STATUSES),
        *never_negative("value", "usage_count", "min_purchase_cents", "max_discount_cents"),
        CheckConstraint("code = upper(code)", name="code_upper"),
        CheckConstraint("usage_limit IS NULL OR usage_count <= usage_limit", name="within_limit"),
        CheckConstraint("type <> 'percentage' OR value <= 10000", name="percentage_in_range"),
        CheckConstraint("per_customer_limit IS NULL OR per_customer_limit > 0", name="per_customer_limit_positive"),
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
    description: Mapped[Name] = mapped_column(default="")
    max_discount_cents: Mapped[Cents | None]
    per_customer_limit: Mapped[int | None]
    product_ids: Mapped[list[Any] | None] = mapped_column(Json)
    """Products it is for; None for all."""
    category_ids: Mapped[list[Any] | None] = mapped_column(Json)
    """Categories it is for, with those below them; None for all."""
    combines_with_points: Mapped[bool] = mapped_column(default=True)
    combines_with_discounts: Mapped[bool] = mapped_column(default=True)
    """Whether goods below their own price count."""
