"""Segments of customers, and actions on many customers at once."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.domain.customers.bulk import BulkKind, BulkState
from shop.models.base import Base, BigId, BigInt, Code, IntPk, Name, ShopOwned, Stamped, one_of


class Segment(ShopOwned, Stamped, Base):
    """A filter of customers saved under a name."""

    __tablename__ = "segments"
    __table_args__ = (UniqueConstraint("shop_id", "name"),)

    id: Mapped[IntPk]
    name: Mapped[Name]
    rules: Mapped[dict[str, Any]]
    """As ``shop.domain.customers.segments.SegmentRules`` writes them."""


class BulkAction(ShopOwned, Base):
    """An action on all customers of a selection, done by the worker in the order of their ids.

    ``last_id`` is that of the last customer done, so that an interrupted action can continue.
    """

    __tablename__ = "bulk_actions"
    __table_args__ = (
        Index(None, "state", "id"),
        Index(None, "shop_id", "id"),
        one_of("kind", BulkKind),
        one_of("state", BulkState),
    )

    id: Mapped[IntPk]
    kind: Mapped[Code]
    state: Mapped[Code] = mapped_column(default=BulkState.WAITING)
    params: Mapped[dict[str, Any]]
    selection: Mapped[dict[str, Any]]
    """Filters of the list, as JSON."""
    total: Mapped[BigInt]
    done: Mapped[BigInt] = mapped_column(default=0)
    changed: Mapped[BigInt] = mapped_column(default=0)
    skipped: Mapped[BigInt] = mapped_column(default=0)
    refused: Mapped[BigInt] = mapped_column(default=0)
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    """The first refusals: customer id and message."""
    last_id: Mapped[BigInt] = mapped_column(default=0)
    actor_kind: Mapped[Code]
    actor_id: Mapped[int | None] = mapped_column(BigId)
    actor_label: Mapped[Name]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
