"""Carts that a storefront saw left behind."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import Base, BigId, Cents, Email, IntPk, Name, ShopOwned, in_shop


class AbandonedCart(ShopOwned, Base):
    """A cart as a storefront told of it. ``items`` and ``total_cents`` are its words, not the catalogue's."""

    __tablename__ = "abandoned_carts"
    __table_args__ = (
        in_shop("customers", "customer_id"),
        Index(None, "shop_id", "email"),
        Index(None, "shop_id", "customer_id"),
        Index(None, "created_at"),
    )

    id: Mapped[IntPk]
    email: Mapped[Email | None]
    phone: Mapped[Name | None]
    customer_id: Mapped[int | None] = mapped_column(BigId)
    """Who was signed in; nobody is looked up by the e-mail, which anybody may type."""
    items: Mapped[list[Any]]
    total_cents: Mapped[Cents | None]
    created_at: Mapped[datetime]
