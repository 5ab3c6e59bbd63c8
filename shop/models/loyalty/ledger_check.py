"""Results of the nightly ledger check."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import Base, BigInt, IntPk, ShopOwned, never_negative


class LedgerCheck(ShopOwned, Base):
    """A day's check of one shop; the unique key prevents a second one by another worker.

    ``finished_at`` is None while it runs, or if its worker crashed.
    """

    __tablename__ = "ledger_checks"
    __table_args__ = (UniqueConstraint("shop_id", "day"), *never_negative("accounts", "entries", "faults"))

    id: Mapped[IntPk]
    day: Mapped[date]
    """In the shop's time zone."""
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    accounts: Mapped[BigInt] = mapped_column(default=0)
    entries: Mapped[BigInt] = mapped_column(default=0)
    faults: Mapped[BigInt] = mapped_column(default=0)
    """The number of accounts with errors."""
    first_faults: Mapped[list[Any]] = mapped_column(default=list)
    """For the first of these: ``account_id``, ``customer_id``, ``seq`` of the first wrong entry, and ``rule``."""
