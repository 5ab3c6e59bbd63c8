"""The cash drawer of a branch, from opening the till to closing it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import Base, BigId, Cents, IntPk, LongText, Name, ShopOwned, in_shop, never_negative

IS_OPEN = "closed_at IS NULL"


class TillShift(ShopOwned, Base):
    """A till from opening to close. A branch has at most one that is open.

    ``expected`` and ``counted`` are minor units by method; the expected cash includes the float.
    """

    __tablename__ = "till_shifts"
    __table_args__ = (
        in_shop("branches", "branch_id"),
        Index(
            "uq_till_shifts_open",
            *("shop_id", "branch_id"),
            unique=True,
            sqlite_where=text(IS_OPEN),
            postgresql_where=text(IS_OPEN),
        ),
        Index(None, "shop_id", "closed_at", "id"),
        *never_negative("float_cents"),
    )

    id: Mapped[IntPk]
    branch_id: Mapped[int] = mapped_column(BigId)
    float_cents: Mapped[Cents]
    opened_at: Mapped[datetime]
    opened_by: Mapped[Name]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[Name] = mapped_column(default="")
    expected: Mapped[dict[str, Any]] = mapped_column(default=dict)
    counted: Mapped[dict[str, Any]] = mapped_column(default=dict)
    note: Mapped[LongText] = mapped_column(default="")

    @property
    def differences(self) -> dict[str, int]:
        """Return what was counted less what was expected, of the methods where these differ."""
        return {method: cents - due for method, due in self.expected.items() if (cents := self.counted[method]) != due}
