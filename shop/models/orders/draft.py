"""Orders that staff are entering."""

from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.models.base import (
    Base,
    BigId,
    Cents,
    Code,
    IntPk,
    Name,
    ShopOwned,
    Stamped,
    in_shop,
    never_negative,
    partial_index,
)
from shop.models.customers.customer import Customer

IS_OPEN = "order_id IS NULL"


class OrderDraft(ShopOwned, Stamped, Base):
    """An order that staff are entering, with the fields of its form.

    Once the order is created, ``order_id`` is set and the fields are emptied: the same ``request_key`` returns that
    order.
    """

    __tablename__ = "order_drafts"
    __table_args__ = (
        in_shop("customers", "customer_id"),
        in_shop("orders", "order_id"),
        UniqueConstraint("shop_id", "request_key"),
        Index(None, "shop_id", "customer_id"),
        Index(None, "shop_id", "order_id"),
        partial_index("ix_order_drafts_open", IS_OPEN, "shop_id", "updated_at"),
        *never_negative("total_cents"),
    )

    id: Mapped[IntPk]
    request_key: Mapped[Code]
    customer_id: Mapped[int | None] = mapped_column(BigId)
    order_id: Mapped[int | None] = mapped_column(BigId)
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict)
    total_cents: Mapped[Cents] = mapped_column(default=0)
    saved_by: Mapped[Name] = mapped_column(default="")

    customer: Mapped[Customer | None] = relationship(
        primaryjoin="foreign(OrderDraft.customer_id) == Customer.id", viewonly=True
    )
