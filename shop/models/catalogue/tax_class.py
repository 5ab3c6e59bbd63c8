"""Tax classes."""

from datetime import date

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import Base, Code, IntPk, Name, ShopOwned

RATES = "rate BETWEEN 0 AND 10000 AND (next_rate IS NULL OR next_rate BETWEEN 0 AND 10000)"


class TaxClass(ShopOwned, Base):
    """A class of goods or delivery with its rate, in hundredths of a per cent.

    ``next_rate`` replaces ``rate`` from ``next_rate_from`` on, a day of the shop's time zone. The default class of a
    shop is that of goods without one.
    """

    __tablename__ = "tax_classes"
    __table_args__ = (
        UniqueConstraint("shop_id", "code"),
        Index(
            "uq_tax_classes_default",
            "shop_id",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
        CheckConstraint(RATES, name="rates_in_range"),
        CheckConstraint("(next_rate IS NULL) = (next_rate_from IS NULL)", name="next_rate_has_day"),
    )

    id: Mapped[IntPk]
    code: Mapped[Code]
    name: Mapped[Name]
    rate: Mapped[int]
    next_rate: Mapped[int | None]
    next_rate_from: Mapped[date | None]
    is_default: Mapped[bool] = mapped_column(default=False)
