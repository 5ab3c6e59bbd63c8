"""Imports of files, and their rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.domain.statuses import ImportState, ImportVerdict
from shop.models.base import Base, BigId, Code, IntPk, LongText, Name, ShopOwned, id_in_shop, in_shop, one_of


class Import(ShopOwned, Base):
    """A file whose rows the worker checks, applies, and undoes if asked to.

    ``next_row`` is the number of the first row that the current state has not processed. A worker that holds it until
    ``leased_until`` has it alone.
    """

    __tablename__ = "imports"
    __table_args__ = (
        id_in_shop(),
        Index(None, "shop_id", "kind", "id"),
        Index(None, "state", "leased_until"),
        one_of("state", ImportState),
    )

    id: Mapped[IntPk]
    kind: Mapped[Code]
    filename: Mapped[Name]
    state: Mapped[Code]
    apply_at_once: Mapped[bool] = mapped_column(default=False)
    total_rows: Mapped[int]
    next_row: Mapped[int] = mapped_column(default=1)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """How many rows have each verdict."""
    actor_kind: Mapped[Code]
    actor_id: Mapped[int | None] = mapped_column(BigId)
    actor_label: Mapped[Name]
    created_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]


class ImportLine(ShopOwned, Base):
    """A row of a file, numbered from 1. ``before`` is what it replaced; None for what it added."""

    __tablename__ = "import_lines"
    __table_args__ = (
        in_shop("imports", "import_id"),
        UniqueConstraint("shop_id", "import_id", "number"),
        one_of("verdict", ImportVerdict),
    )

    id: Mapped[IntPk]
    import_id: Mapped[int] = mapped_column(BigId)
    number: Mapped[int]
    cells: Mapped[dict[str, Any]]
    verdict: Mapped[Code | None]
    message: Mapped[LongText] = mapped_column(default="")
    subject_id: Mapped[int | None] = mapped_column(BigId)
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
