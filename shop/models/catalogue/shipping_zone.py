"""Delivery zones."""

from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import Base, IntPk, Name, ShopOwned, id_in_shop


class ShippingZone(ShopOwned, Base):
    """Places with the same delivery methods. The first zone by position that contains an address applies.

    ``countries`` are ISO codes, ``regions`` counties, ``towns`` towns or neighbourhoods. Empty lists do not limit it.
    """

    __tablename__ = "shipping_zones"
    __table_args__ = (id_in_shop(), Index(None, "shop_id", "position"))

    id: Mapped[IntPk]
    name: Mapped[Name]
    countries: Mapped[list[Any]] = mapped_column(default=list)
    regions: Mapped[list[Any]] = mapped_column(default=list)
    towns: Mapped[list[Any]] = mapped_column(default=list)
    position: Mapped[int] = mapped_column(default=0)
