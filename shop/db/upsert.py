"""Small statements that several use cases share."""

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute

from shop.db.prepared import PreparedQuery, table
from shop.db.session import db
from shop.models.base import Base, ShopOwned

PURGED_AT_ONCE = 1000


def insert_or_ignore(model: type[ShopOwned], unique: list[InstrumentedAttribute[Any]], **values: Any) -> bool:
    """Insert a row of the current shop unless one with the same unique columns exists. Return whether it was inserted.

    On PostgreSQL waits for a transaction that is inserting the same row.
    """
    return insert_or_ignore_id(model, unique, **values) is not None


def insert_or_ignore_id(model: type[ShopOwned], unique: list[InstrumentedAttribute[Any]], **values: Any) -> int | None:
    """As :func:`insert_or_ignore`; return the id of the row that was inserted, else None."""
    found: int | None = _insert_or_ignore(table(model), tuple(column.key for column in unique))(**values).scalar()
    return found


@cache
def _insert_or_ignore(row: Table, unique: tuple[str, ...]) -> PreparedQuery:
    keys = [row.c.shop_id, *(row.c[name] for name in unique)]
    # the PostgreSQL construct; SQLite understands its SQL, too
    return PreparedQuery(insert(row).on_conflict_do_nothing(index_elements=keys).returning(row.c.id))


def like_fragment(word: str) -> str:
    """Return the LIKE pattern (escape character ``\\``) of texts that contain ``word``."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def purge_batch(model: type[Base], *conditions: ColumnElement[bool]) -> int:
    """Delete up to :data:`PURGED_AT_ONCE` rows of the session's shops and return how many were deleted.

    Skips locked rows, so that a purge neither waits for a request nor makes one wait.
    """
    key = model.id  # type: ignore[attr-defined]
    found = select(key).where(*conditions).limit(PURGED_AT_ONCE).with_for_update(skip_locked=True).cte("found")
    statement = delete(model).where(key.in_(select(found.c.id))).returning(key)
    # purged rows are not loaded, and there may be thousands to compare
    return len(db.session.execute(statement.execution_options(synchronize_session=False)).all())
