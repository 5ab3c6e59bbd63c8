"""A shop, the hosts it answers on, and its settings."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import Base, BigInt, Code, IntPk, LongText, Name, ShopOwned, Stamped


class Shop(Stamped, Base):
    """One merchant. Everything else belongs to exactly one shop."""

    __tablename__ = "shops"
    __table_args__ = (UniqueConstraint("slug"),)

    id: Mapped[IntPk]
    slug: Mapped[Code]
    name: Mapped[Name]
    settings_mark: Mapped[BigInt] = mapped_column(default=0, server_default="0")
    """A number that triggers replace whenever the shop's name or a setting changes: what a process keeps of the
    settings counts under the number that it was read with (``services/settings_cache.py``)."""


class ShopHost(ShopOwned, Base):
    """A host name (``shop.example.com`` or ``shop.example.com:8080``) that stands for a shop."""

    __tablename__ = "shop_hosts"
    __table_args__ = (UniqueConstraint("host"),)

    id: Mapped[IntPk]
    host: Mapped[Name]


class ShopSetting(ShopOwned, Base):
    """One setting of a shop, as the text that ``shop/domain/settings.py`` reads and writes."""

    __tablename__ = "shop_settings"
    __table_args__ = (UniqueConstraint("shop_id", "key"),)

    id: Mapped[IntPk]
    key: Mapped[Code]
    value: Mapped[LongText]
    updated_at: Mapped[datetime]
