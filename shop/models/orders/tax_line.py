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
    """The net amount and tax of a class in an order, and what was refunded of both.

    ``is_included`` if the prices include the tax; the order's ``tax_cents`` then do not.
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
