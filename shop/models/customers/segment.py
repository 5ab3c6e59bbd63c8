"""Segments of customers, and actions on many customers at once."""

from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from shop.domain.customers.bulk import BulkKind, BulkState
from shop.models.base import Base, IntPk, Name, ShopOwned, Stamped, one_of
from shop.models.bulk import BulkColumns


class Segment(ShopOwned, Stamped, Base):
    """A filter of customers saved under a name."""

    __tablename__ = "segments"
    __table_args__ = (UniqueConstraint("shop_id", "name"),)

    id: Mapped[IntPk]
    name: Mapped[Name]
    rules: Mapped[dict[str, Any]]
    """As ``shop.domain.customers.segments.SegmentRules`` writes them."""


class BulkAction(ShopOwned, BulkColumns, Base):
    """An action on all customers of a selection."""

    __tablename__ = "bulk_actions"
    __table_args__ = (
        Index(None, "state", "id"),
        Index(None, "shop_id", "id"),
        one_of("kind", BulkKind),
        one_of("state", BulkState),
    )
