"""Webhook endpoints, deliveries of events to them, and the attempts of each delivery."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.domain.webhooks import DeliveryStatus, SignatureScheme
from shop.models.base import (
    Base,
    BigId,
    BigInt,
    Code,
    IntPk,
    LongText,
    Name,
    ShopOwned,
    Stamped,
    id_in_shop,
    in_shop,
    one_of,
    partial_index,
)
from shop.models.events import Event

WAITING = "status = 'waiting'"


class WebhookEndpoint(ShopOwned, Stamped, Base):
    """An address that receives events. ``last_sequence`` is the last event for which deliveries were created."""

    __tablename__ = "webhook_endpoints"
    __table_args__ = (id_in_shop(), one_of("signature", SignatureScheme))

    id: Mapped[IntPk]
    url: Mapped[LongText]
    types: Mapped[list[Any]]
    """Names, prefixes such as ``points.*``, or ``*``."""
    description: Mapped[Name] = mapped_column(default="")
    enabled: Mapped[bool] = mapped_column(default=True)
    signature: Mapped[Code]
    ciphertext: Mapped[LongText]
    """The secret, and the one before it."""
    rotated_at: Mapped[datetime | None]
    last_sequence: Mapped[BigInt]
    failing_since: Mapped[datetime | None]
    """Time of the first failed attempt after the last success."""
    disabled_reason: Mapped[Code | None]
    leased_until: Mapped[datetime | None]
    """End of the lease of the worker that is sending to it."""


class WebhookDelivery(ShopOwned, Base):
    """An event for an endpoint. A test has no event but a ``body`` of its own."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        id_in_shop(),
        in_shop("webhook_endpoints", "endpoint_id", ondelete="CASCADE"),
        in_shop("events", "event_id", ondelete="CASCADE"),
        UniqueConstraint("shop_id", "endpoint_id", "event_id"),
        Index(None, "shop_id", "event_id"),
        Index(None, "endpoint_id", "id"),
        Index(None, "created_at"),
        partial_index("ix_webhook_deliveries_waiting", WAITING, "endpoint_id", "due_at"),
        one_of("status", DeliveryStatus),
    )

    id: Mapped[IntPk]
    endpoint_id: Mapped[int] = mapped_column(BigId)
    event_id: Mapped[int | None] = mapped_column(BigId)
    body: Mapped[dict[str, Any] | None]
    token: Mapped[Code]
    """The random part of ``webhook-id``; the event's."""
    type: Mapped[Code]
    status: Mapped[Code] = mapped_column(default=DeliveryStatus.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    """Attempts since it was created or resent."""
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]

    event: Mapped[Event | None] = relationship(
        primaryjoin="foreign(WebhookDelivery.event_id) == Event.id", viewonly=True
    )
    endpoint: Mapped[WebhookEndpoint] = relationship(
        primaryjoin="foreign(WebhookDelivery.endpoint_id) == WebhookEndpoint.id", viewonly=True
    )
    attempts: Mapped[list["WebhookAttempt"]] = relationship(
        primaryjoin="foreign(WebhookAttempt.delivery_id) == WebhookDelivery.id",
        order_by="WebhookAttempt.id",
        viewonly=True,
    )

    @property
    def webhook_id(self) -> str:
        """The id that each attempt sends."""
        return f"msg_{self.token}"


class WebhookAttempt(ShopOwned, Base):
    """One request of a delivery and its response."""

    __tablename__ = "webhook_attempts"
    __table_args__ = (
        in_shop("webhook_deliveries", "delivery_id", ondelete="CASCADE"),
        Index(None, "shop_id", "delivery_id"),
    )

    id: Mapped[IntPk]
    delivery_id: Mapped[int] = mapped_column(BigId)
    at: Mapped[datetime]
    status_code: Mapped[int | None]
    """None if there was no response."""
    duration_ms: Mapped[int]
    request: Mapped[LongText]
    """Method, path and headers; the body is the event's."""
    response: Mapped[LongText]
    """Status, headers and the first 64 KB of the body, or why there was no response."""
