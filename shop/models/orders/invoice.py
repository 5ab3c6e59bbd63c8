"""Invoices: numbers without a gap, one for an order."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import Base, BigId, IntPk, ShopOwned, in_shop, kept_without_name


class InvoiceCounter(ShopOwned, Base):
    """The last invoice number of a shop; its row is locked while the next number is assigned."""

    __tablename__ = "invoice_counters"
    __table_args__ = (UniqueConstraint("shop_id"),)

    id: Mapped[IntPk]
    last_number: Mapped[int] = mapped_column(default=0)


class OrderInvoice(ShopOwned, Base):
    """The invoice of an order. Numbers count 1, 2, 3 … in each shop and are never reused."""

    __tablename__ = "order_invoices"
    __table_args__ = (
        in_shop("orders", "order_id"),
        UniqueConstraint("shop_id", "number"),
        UniqueConstraint("shop_id", "order_id"),
        kept_without_name(),
    )

    id: Mapped[IntPk]
    order_id: Mapped[int] = mapped_column(BigId)
    number: Mapped[int]
    issued_at: Mapped[datetime]
