"""Branches, and every change of stock."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.domain.statuses import MovementKind
from shop.models.base import Base, BigId, Code, IntPk, Name, ShopOwned, id_in_shop, in_shop, one_of

IS_DEFAULT = text("is_default")


class Branch(ShopOwned, Base):
    """A place where the shop keeps stock. Orders take it from the default one; each shop has exactly one of those."""

    __tablename__ = "branches"
    __table_args__ = (
        id_in_shop(),
        Index(
            "uq_branches_shop_id_default", "shop_id", unique=True, sqlite_where=IS_DEFAULT, postgresql_where=IS_DEFAULT
        ),
    )

    id: Mapped[IntPk]
    name: Mapped[Name]
    is_default: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class StockMovement(ShopOwned, Base):
    """A change of the stock of a product, or of one of its variants. Movements are only added.

    The changes of a product without a variant add up to its ``stock_quantity``, and those of a variant to that of the
    variant; those of a branch to what is there. ``quantity_after`` is the stock of all branches. ``order_id`` stays
    when the order is deleted.
    """

    __tablename__ = "stock_movements"
    __table_args__ = (
        in_shop("products", "product_id"),
        in_shop("variants", "variant_id"),
        in_shop("branches", "branch_id"),
        Index(None, "shop_id", "product_id", "variant_id", "id"),
        Index(None, "shop_id", "id"),
        Index(None, "shop_id", "branch_id", "id"),
        one_of("kind", MovementKind),
    )

    id: Mapped[IntPk]
    branch_id: Mapped[int] = mapped_column(BigId)
    product_id: Mapped[int] = mapped_column(BigId)
    variant_id: Mapped[int | None] = mapped_column(BigId)
    change: Mapped[int]
    quantity_after: Mapped[int]
    kind: Mapped[Code]
    reason: Mapped[Name] = mapped_column(default="")
    order_id: Mapped[int | None] = mapped_column(BigId)
    actor_kind: Mapped[Code]
    actor_id: Mapped[int | None] = mapped_column(BigId)
    actor_label: Mapped[Name]
    created_at: Mapped[datetime]
