"""Shipping methods."""

from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import (
    Base,
    BigId,
    Cents,
    Code,
    IntPk,
    Name,
    ShopOwned,
    id_in_shop,
    in_shop,
    never_negative,
    one_of,
)

SHIPPING_TYPES = ("flat_rate", "free_above")


class ShippingMethod(ShopOwned, Base):
    """A way to deliver, in a zone or in countries and regions of its own.

    ``bands`` replace ``cost_cents``: prices up to an amount or a weight, ``[{"up_to": 5000, "cost_cents": 15000}]``,
    the last without ``up_to``. With ``collection`` the customer fetches the order, and needs no address.
    """

    __tablename__ = "shipping_methods"
    __table_args__ = (
        id_in_shop(),
        Index(None, "shop_id", "position"),
        one_of("type", SHIPPING_TYPES),
        in_shop("shipping_zones", "zone_id"),
        *never_negative("cost_cents", "free_above_cents", "min_weight_grams", "max_weight_grams"),
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
    zone_id: Mapped[int | None] = mapped_column(BigId)
    regions: Mapped[list[Any]] = mapped_column(default=list)
    band_by: Mapped[Code] = mapped_column(default="")
    """``amount`` or ``weight``; empty for one price."""
    bands: Mapped[list[Any]] = mapped_column(default=list)
    min_weight_grams: Mapped[int | None]
    max_weight_grams: Mapped[int | None]
    collection: Mapped[bool] = mapped_column(default=False)
    pickup_address: Mapped[Name] = mapped_column(default="")
    pickup_hours: Mapped[Name] = mapped_column(default="")
    lead_days_min: Mapped[int | None]
    lead_days_max: Mapped[int | None]
    tax_class: Mapped[Code] = mapped_column(default="", server_default="")
    """The code of a tax class; empty for the shop's own."""
