"""Responses stored for retries with the same idempotency key."""

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import Base, Code, IntPk, LongText, Name, ShopOwned, one_of

IDEMPOTENCY_STATES = ("running", "done")


class IdempotencyRecord(ShopOwned, Base):
    """The first response to a request with an ``Idempotency-Key`` (``docs/contract/api.md``, section 8)."""

    __tablename__ = "idempotency_records"
    __table_args__ = (
        UniqueConstraint("shop_id", "caller", "key"),
        Index(None, "expires_at"),
        one_of("state", IDEMPOTENCY_STATES),
    )

    id: Mapped[IntPk]
    caller: Mapped[Name]
    key: Mapped[str] = mapped_column(String(255))
    fingerprint: Mapped[Code]
    state: Mapped[Code]
    owner: Mapped[Code]
    """The attempt that runs it; an attempt that lost its lease cannot finish."""
    leased_until: Mapped[datetime]
    status: Mapped[int | None]
    body: Mapped[LongText | None]
    expires_at: Mapped[datetime]
