"""What the nightly check of the ledger came to."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import Base, BigInt, IntPk, ShopOwned, never_negative


class LedgerCheck(ShopOwned, Base):
    """One day's check of one shop; the unique key is what makes it one, however many workers there are.

    ``finished_at`` None: it is being done, or whoever did it died.
    """

    __tablename__ = "ledger_checks"
    __table_args__ = (UniqueConstraint("shop_id", "day"), *never_negative("accounts", "entries", "faults"))

    id: Mapped[IntPk]
    day: Mapped[date]
    """By the shop's own calendar."""
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    accounts: Mapped[BigInt] = mapped_column(default=0)
    entries: Mapped[BigInt] = mapped_column(default=0)
    faults: Mapped[BigInt] = mapped_column(default=0)
    """How many accounts are off."""
    first_faults: Mapped[list[Any]] = mapped_column(default=list)
    """Of the first of them, each ``account_id``, ``customer_id``, ``seq`` of the first wrong entry, and ``rule``."""
