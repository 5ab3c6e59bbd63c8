"""Customers who were merged into others."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import Base, BigId, BigInt, Code, IntPk, Name, ShopOwned, id_in_shop, in_shop


class CustomerMerge(ShopOwned, Base):
    """A merge of one customer, ``source_id``, into another; ``snapshot`` has what is needed to undo it."""

    __tablename__ = "customer_merges"
    __table_args__ = (
        id_in_shop(),
        in_shop("customers", "target_id"),
        Index(None, "shop_id", "source_id"),
        Index(None, "shop_id", "target_id"),
    )

    id: Mapped[IntPk]
    source_id: Mapped[int] = mapped_column(BigId)
    """The id of the merged customer, who no longer exists."""
    target_id: Mapped[int] = mapped_column(BigId)
    points: Mapped[BigInt] = mapped_column(default=0)
    earned: Mapped[BigInt] = mapped_column(default=0)
    """Of the source's ``lifetime_earned``."""
    shortfall: Mapped[BigInt] = mapped_column(default=0)
    snapshot: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The source's row, the rows that moved by table, and the target's fields that were filled; empty once the merge
    can no longer be undone."""
    actor_kind: Mapped[Code]
    actor_label: Mapped[Name]
    created_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
