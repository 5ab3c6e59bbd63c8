"""The columns of actions that the worker does to many rows."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from shop.domain.customers.bulk import BulkState
from shop.models.base import BigId, BigInt, Code, IntPk, Name


class BulkColumns:
    """An action on all rows of a selection, done by the worker in the order of their ids.

    ``last_id`` is that of the last row done, so that an interrupted action can continue.
    """

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
    """Of the first refusals: the row's id and the sentence."""
    last_id: Mapped[BigInt] = mapped_column(default=0)
    actor_kind: Mapped[Code]
    actor_id: Mapped[int | None] = mapped_column(BigId)
    actor_label: Mapped[Name]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
