"""Rows that keep the house in order: outgoing messages, the audit log, answers kept for retries."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import Base, BigId, Code, Email, IntPk, LongText, Name, ShopOwned, one_of, partial_index

OUTBOX_STATES = ("waiting", "sent", "dropped")
FAILS = "state = 'waiting' AND last_error IS NOT NULL"
IDEMPOTENCY_STATES = ("running", "done")


class OutboxMessage(ShopOwned, Base):
    """Something that must leave the house, written with what caused it and sent at least once by a worker."""

    __tablename__ = "outbox_messages"
    __table_args__ = (
        Index(None, "state", "due_at"),
        Index(None, "shop_id", "id"),
        partial_index("ix_outbox_messages_failing", FAILS, "shop_id", "id"),
        one_of("state", OUTBOX_STATES),
    )

    id: Mapped[IntPk]
    kind: Mapped[Code]
    payload: Mapped[dict[str, Any]]
    recipient: Mapped[Email | None]
    state: Mapped[Code] = mapped_column(default="waiting")
    due_at: Mapped[datetime]
    """Not before then; moved on by a claim (the lease) and by a failure (the wait before the next try)."""
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[LongText | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class AuditEntry(ShopOwned, Base):
    """Who changed what in the shop's settings or in its name, and when. Holds nothing about customers but ids."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index(None, "shop_id", "id"), Index(None, "shop_id", "subject"))

    id: Mapped[IntPk]
    actor_kind: Mapped[Code]
    actor_id: Mapped[int | None] = mapped_column(BigId)
    actor_label: Mapped[Name]
    action: Mapped[Code]
    subject: Mapped[Name]
    old_value: Mapped[LongText | None]
    new_value: Mapped[LongText | None]
    created_at: Mapped[datetime]


class IdempotencyRecord(ShopOwned, Base):
    """The first answer to a request with an ``Idempotency-Key``, kept for its retries (``wire.md``, section 8)."""

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
    """Which attempt is running it; an attempt that lost its lease cannot finish."""
    leased_until: Mapped[datetime]
    status: Mapped[int | None]
    body: Mapped[LongText | None]
    expires_at: Mapped[datetime]
