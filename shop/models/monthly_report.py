"""Months whose report was mailed."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from shop.models.base import Base, Code, IntPk, ShopOwned


class MonthlyReport(ShopOwned, Base):
    """A month (``2026-11``) whose report was mailed to the shop's owners, so that it is mailed once."""

    __tablename__ = "monthly_reports"
    __table_args__ = (UniqueConstraint("shop_id", "month"),)

    id: Mapped[IntPk]
    month: Mapped[Code]
    created_at: Mapped[datetime]
