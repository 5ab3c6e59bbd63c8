"""Domain events, numbered for each shop."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import (
    Base,
    BigId,
    BigInt,
    Code,
    IntPk,
    Name,
    ShopOwned,
    id_in_shop,
    in_shop,
    kept_without_name,
    partial_index,
)

KEPT_FOR_GOOD = "type LIKE 'points.%'"
PURGED = f"NOT ({KEPT_FOR_GOOD})"
UNNUMBERED = "sequence IS NULL"


class Event(ShopOwned, Base):
    """A domain event, written in the transaction of the change itself.

    ``sequence`` counts 1, 2, 3 … within the shop and is assigned after the commit (``services/events/numbering.py``).
    Events of points are kept without a name when their customer is deleted; all others about the customer are deleted.
    """

    __tablename__ = "events"
    __table_args__ = (
        id_in_shop(),
        UniqueConstraint("shop_id", "sequence"),
        in_shop("customers", "customer_id"),
        Index(None, "shop_id", "customer_id"),
        partial_index("ix_events_unnumbered", UNNUMBERED, "shop_id", "id"),
        partial_index("ix_events_purged", PURGED, "created_at"),
        kept_without_name(KEPT_FOR_GOOD),
    )

    id: Mapped[IntPk]
    token: Mapped[Code]
    """The random part of the public ids ``evt_…`` and ``msg_…``."""
    sequence: Mapped[BigInt | None]
    type: Mapped[Code]
    """One of :class:`shop.domain.events.EventType`."""
    version: Mapped[int]
    noun: Mapped[Code]
    object_id: Mapped[int] = mapped_column(BigId)
    customer_id: Mapped[int | None] = mapped_column(BigId)
    data: Mapped[dict[str, Any]]
    """The object as the API shows it when the transaction ends."""
    previous: Mapped[dict[str, Any]]
    """The values that changed fields had before."""
    actor_kind: Mapped[Code]
    actor_id: Mapped[int | None] = mapped_column(BigId)
    actor_label: Mapped[Name]
    created_at: Mapped[datetime]


class EventCounter(ShopOwned, Base):
    """The highest sequence of a shop's events. Locking the row makes the numbering sequential."""

    __tablename__ = "event_counters"
    __table_args__ = (UniqueConstraint("shop_id"),)

    id: Mapped[IntPk]
    last_sequence: Mapped[BigInt] = mapped_column(default=0, server_default="0")
