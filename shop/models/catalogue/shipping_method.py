"""Shipping methods."""

from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import (
    Base,
    Cents,
    Code,
    IntPk,
    Name,
    ShopOwned,
    id_in_shop,
    never_negative,
    one_of,
)

SHIPPING_TYPES = ("flat_rate", "free_above")


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
