"""Payment methods of a shop."""

from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import (
    Base,
    Code,
    IntPk,
    Name,
    ShopOwned,
)


class PaymentMethod(ShopOwned, Base):
    """A payment method that the shop offers. ``config`` holds only what a storefront may see.

    An order that is not paid within ``time_limit_minutes`` is cancelled; None means no limit.
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
