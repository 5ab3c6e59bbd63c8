"""A shop, its hosts, and its settings."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import Base, BigInt, Code, IntPk, LongText, Name, ShopOwned, Stamped


class Shop(Stamped, Base):
    """A merchant: the tenant that all other rows belong to."""

    __tablename__ = "shops"
    __table_args__ = (UniqueConstraint("slug"), Index("uq_shops_id_sandbox", "id", "sandbox", unique=True))

    id: Mapped[IntPk]
    slug: Mapped[Code]
    name: Mapped[Name]
    sandbox: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether it is for trying things out: its clock can be moved, and nothing is sent or charged. Never changes."""
    settings_mark: Mapped[BigInt] = mapped_column(default=0, server_default="0")
    """A number that triggers replace whenever the shop's name or a setting changes: the version of cached settings
    (``services/shops/settings_cache.py``)."""


class ShopHost(ShopOwned, Base):
    """A host name of a shop (``shop.example.com`` or ``shop.example.com:8080``)."""

    __tablename__ = "shop_hosts"
    __table_args__ = (UniqueConstraint("host"),)

    id: Mapped[IntPk]
    host: Mapped[Name]


class ShopSetting(ShopOwned, Base):
    """A setting of a shop, as text in the format of ``shop/domain/settings.py``."""

    __tablename__ = "shop_settings"
    __table_args__ = (UniqueConstraint("shop_id", "key"),)

    id: Mapped[IntPk]
    key: Mapped[Code]
    value: Mapped[LongText]
    updated_at: Mapped[datetime]
