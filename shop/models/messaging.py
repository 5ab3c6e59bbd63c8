"""A shop's message channels, its own texts, and what became of the messages that providers charge for."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import Base, BigInt, Code, IntPk, LongText, Name, ShopOwned, never_negative, one_of

DELIVERY_STATES = ("sending", "waiting", "accepted", "delivered", "failed", "refused")
REPORTED_STATES = ("delivered", "failed")


class MessageChannel(ShopOwned, Base):
    """A shop's account with a provider of messages: ``ciphertext`` never leaves the services, ``facts`` may be shown.

    Money is in ten-thousandths of a unit of ``balance_currency``, as providers charge by fractions of a cent.
    """

    __tablename__ = "message_channels"
    __table_args__ = (UniqueConstraint("shop_id", "code"), UniqueConstraint("token_hash"))

    id: Mapped[IntPk]
    code: Mapped[Code]
    facts: Mapped[dict[str, Any]]
    ciphertext: Mapped[LongText]
    token_hash: Mapped[Code]
    """Hash of the secret in the URLs that the provider calls."""
    balance_e4: Mapped[BigInt | None]
    balance_currency: Mapped[Code | None]
    balance_at: Mapped[datetime | None]
    limit_notice_month: Mapped[Code | None]
    """The month, such as 2026-11, in which the owners were last notified that the cost limit is reached."""
    updated_at: Mapped[datetime]


class MessageText(ShopOwned, Base):
    """A shop's own short text for a kind of message in a language."""

    __tablename__ = "message_texts"
    __table_args__ = (UniqueConstraint("shop_id", "kind", "language"),)

    id: Mapped[IntPk]
    kind: Mapped[Code]
    language: Mapped[Code]
    body: Mapped[LongText]
    updated_at: Mapped[datetime]


class MessageDelivery(ShopOwned, Base):
    """A message of the outbox on a channel whose provider charges and reports; kept longer than the message itself.

    ``sending``: handed to the provider, or a worker stopped before it knew. ``waiting``: to be tried again.
    ``refused``: the provider did not accept it. ``delivered`` and ``failed`` are the provider's final reports.
    """

    __tablename__ = "message_deliveries"
    __table_args__ = (
        UniqueConstraint("shop_id", "outbox_id", "channel"),
        UniqueConstraint("shop_id", "channel", "provider_id"),
        Index(None, "shop_id", "created_at"),
        Index(None, "created_at"),
        one_of("state", DELIVERY_STATES),
        *never_negative("segments", "cost_e4"),
    )

    id: Mapped[IntPk]
    outbox_id: Mapped[BigInt]
    kind: Mapped[Code]
    channel: Mapped[Code]
    state: Mapped[Code]
    may_repeat: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether an attempt ended without an answer: the person may have got the message twice."""
    provider_id: Mapped[Name | None]
    segments: Mapped[int]
    cost_e4: Mapped[BigInt | None]
    currency: Mapped[Code | None]
    reason: Mapped[LongText] = mapped_column(default="", server_default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class DeliveryReport(ShopOwned, Base):
    """A provider's final report about a message that it had not yet confirmed to have accepted."""

    __tablename__ = "delivery_reports"
    __table_args__ = (
        UniqueConstraint("shop_id", "channel", "provider_id"),
        Index(None, "received_at"),
        one_of("state", REPORTED_STATES),
    )

    id: Mapped[IntPk]
    channel: Mapped[Code]
    provider_id: Mapped[Name]
    state: Mapped[Code]
    reason: Mapped[LongText]
    received_at: Mapped[datetime]
