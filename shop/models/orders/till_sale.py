"""Sales at the till, and the order of each."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
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
    kept_without_name,
    never_negative,
)

HAS_REFERENCE = "reference IS NOT NULL AND undone_at IS NULL"


class TillSale(ShopOwned, Base):
    """A sale as a till sent it. The device chooses ``sale_id`` (a UUID): the same one again is the same sale.

    A payment reference is unique among sales that are not undone. ``order_id`` is None only within the transaction that
    records the sale.
    """

    __tablename__ = "till_sales"
    __table_args__ = (
        id_in_shop(),
        in_shop("orders", "order_id"),
        in_shop("branches", "branch_id"),
        UniqueConstraint("shop_id", "sale_id"),
        Index(None, "shop_id", "order_id"),
        Index(None, "shop_id", "branch_id", "created_at"),
        Index(None, "shop_id", "created_at", "id"),
        Index(
            "uq_till_sales_reference",
            *("shop_id", "reference"),
            unique=True,
            sqlite_where=text(HAS_REFERENCE),
            postgresql_where=text(HAS_REFERENCE),
        ),
        *never_negative("amount_cents"),
        kept_without_name(),
    )

    id: Mapped[IntPk]
    sale_id: Mapped[Code]
    order_id: Mapped[int | None] = mapped_column(BigId)
    branch_id: Mapped[int] = mapped_column(BigId)
    device: Mapped[Name] = mapped_column(default="")
    method: Mapped[Code]
    reference: Mapped[Name | None]
    amount_cents: Mapped[Cents]
    staff_user_id: Mapped[int | None] = mapped_column(BigId)
    """The staff member who made the sale; None for an API key. May be deleted."""
    actor_label: Mapped[Name] = mapped_column(default="")
    api_key_id: Mapped[int | None] = mapped_column(BigId)
    """The key that recorded the sale; may be deleted."""
    taken_at: Mapped[datetime]
    created_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
