"""Coupons: codes that take an amount off an order."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import (
    Base,
    Cents,
    Code,
    IntPk,
    ShopOwned,
    Stamped,
    id_in_shop,
    never_negative,
    one_of,
)

COUPON_TYPES = ("percentage", "fixed")
COUPON_STATUSES = ("active", "inactive")


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
