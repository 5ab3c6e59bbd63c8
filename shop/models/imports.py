"""Imports of files, and their rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from shop.domain.statuses import ImportState, ImportVerdict, UndoResult
from shop.models.base import (
    Base,
    BigId,
    Code,
    IntPk,
    Json,
    LongText,
    Name,
    ShopOwned,
    erased_to,
    id_in_shop,
    in_shop,
    kept_without_name,
    one_of,
)


class Import(ShopOwned, Base):
    """An import: the worker checks its rows, applies them, and can undo that.

    ``next_row`` is the number of the first row not processed in the current state. A worker has exclusive use of it
    until ``leased_until``. ``total_rows`` is an estimate until the file was read.
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
    approved: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether a second person approved its held rows: they alone are applied then."""
    headings: Mapped[list[Any]] = mapped_column(default=list)
    samples: Mapped[list[Any]] = mapped_column(default=list)
    """The first rows, until the columns are matched."""
    mapping: Mapped[list[Any]] = mapped_column(default=list)
    """The name of the field of each column, "" for a column that is not imported."""
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_read: Mapped[bool] = mapped_column(default=True)
    """Whether all rows of the stored file are rows of the table; the file is deleted then."""
    total_rows: Mapped[int]
    next_row: Mapped[int] = mapped_column(default=1)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """How many rows have each verdict."""
    undo_counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """How many rows have each result of undoing."""
    actor_kind: Mapped[Code]
    actor_id: Mapped[int | None] = mapped_column(BigId)
    actor_label: Mapped[Name]
    created_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]


class ImportFilePart(ShopOwned, Base):
    """A part of an uploaded file, numbered from 1, until the file is read."""

    __tablename__ = "import_file_parts"
    __table_args__ = (in_shop("imports", "import_id"), UniqueConstraint("shop_id", "import_id", "number"))

    id: Mapped[IntPk]
    import_id: Mapped[int] = mapped_column(BigId)
    number: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary)


class ImportLine(ShopOwned, Base):
    """A row of a file, numbered from 1: its cells in the order of the columns.

    ``before`` and ``after`` are the fields that it changed, as they were and as they are; for something that it added,
    ``after`` has all fields. ``customer_id`` is set for a row about a customer.
    """

    __tablename__ = "import_lines"
    __table_args__ = (
        in_shop("imports", "import_id"),
        in_shop("customers", "customer_id"),
        UniqueConstraint("shop_id", "import_id", "number"),
        Index(None, "shop_id", "import_id", "verdict", "number"),
        Index(None, "shop_id", "customer_id"),
        one_of("verdict", ImportVerdict),
        one_of("undone", UndoResult),
        kept_without_name(),
    )

    id: Mapped[IntPk]
    import_id: Mapped[int] = mapped_column(BigId)
    number: Mapped[int]
    cells: Mapped[Any] = mapped_column(Json, info=erased_to([]))
    verdict: Mapped[Code | None]
    field: Mapped[Code] = mapped_column(default="")
    """The field that ``message`` is about."""
    message: Mapped[LongText] = mapped_column(default="", info=erased_to(""))
    """As ``domain.text.messages.dumps`` writes it."""
    subject_id: Mapped[int | None] = mapped_column(BigId)
    customer_id: Mapped[int | None] = mapped_column(BigId)
    before: Mapped[dict[str, Any]] = mapped_column(default=dict, info=erased_to({}))
    after: Mapped[dict[str, Any]] = mapped_column(default=dict, info=erased_to({}))
    undone: Mapped[Code | None]


class ImportKey(ShopOwned, Base):
    """A hash of a row's identifying fields (``domain.imports.keys``). The first accepted row with it is the owner."""

    __tablename__ = "import_keys"
    __table_args__ = (
        in_shop("imports", "import_id"),
        Index(None, "shop_id", "import_id", "key"),
        Index(None, "shop_id", "key"),
    )

    id: Mapped[IntPk]
    import_id: Mapped[int] = mapped_column(BigId)
    number: Mapped[int]
    key: Mapped[Code]
    is_owner: Mapped[bool]
