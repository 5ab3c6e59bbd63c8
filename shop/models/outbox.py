"""Messages to be sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import (
    Base,
    Code,
    Email,
    IntPk,
    LongText,
    Phone,
    ShopOwned,
    one_of,
    partial_index,
    same_as_customers,
)

OUTBOX_STATES = ("waiting", "sent", "dropped")
DEFAULT_CHANNEL = "email"
FAILS = "state = 'waiting' AND last_error IS NOT NULL"


class OutboxMessage(ShopOwned, Base):
    """A message to a person, written in the transaction that causes it and sent at least once by a worker."""

    __tablename__ = "outbox_messages"
    __table_args__ = (
        Index(None, "state", "due_at"),
        Index(None, "shop_id", "id"),
        partial_index("ix_outbox_messages_failing", FAILS, "shop_id", "id"),
        one_of("state", OUTBOX_STATES),
    )

    id: Mapped[IntPk]
    kind: Mapped[Code]
    channel: Mapped[Code] = mapped_column(default=DEFAULT_CHANNEL, server_default=DEFAULT_CHANNEL)
    """The code of the message channel that delivers it (``shop/services/messaging/channels``)."""
    payload: Mapped[dict[str, Any]]
    recipient: Mapped[Email | None] = mapped_column(info=same_as_customers("email"))
    """The e-mail address."""
    phone: Mapped[Phone | None] = mapped_column(info=same_as_customers("phone"))
    """The number, for channels to a phone."""
    fallbacks: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'"))
    """The codes of the channels to try, in order, if ``channel`` refuses the message."""
    state: Mapped[Code] = mapped_column(default="waiting")
    due_at: Mapped[datetime]
    """Not sent before then; moved forward by a claim (the lease) and by a failure (the retry delay)."""
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[LongText | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
