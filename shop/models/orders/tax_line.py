"""The taxes of an order by class, as they were when it was placed."""

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import (
    Base,
    BigId,
    Cents,
    Code,
    IntPk,
    Name,
    ShopOwned,
    in_shop,
    kept_without_name,
    never_negative,
)


class OrderTaxLine(ShopOwned, Base):
    """What was paid for a class without tax, and the tax; what refunds gave back of both.

    ``is_included`` if the prices had the tax: the order's ``tax_cents`` are without it.
    """

    __tablename__ = "order_tax_lines"
    __table_args__ = (
        in_shop("orders", "order_id"),
        UniqueConstraint("shop_id", "order_id", "code"),
        *never_negative("rate", "net_cents", "tax_cents", "refunded_net_cents", "refunded_tax_cents"),
        kept_without_name(),
    )

    id: Mapped[IntPk]
    order_id: Mapped[int] = mapped_column(BigId)
    code: Mapped[Code]
    name: Mapped[Name]
    rate: Mapped[int]
    """In hundredths of a per cent."""
    net_cents: Mapped[Cents]
    tax_cents: Mapped[Cents]
    is_included: Mapped[bool]
    refunded_net_cents: Mapped[Cents] = mapped_column(default=0)
    refunded_tax_cents: Mapped[Cents] = mapped_column(default=0)
