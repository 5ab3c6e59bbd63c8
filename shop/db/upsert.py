"""Small statements that several use cases need, in the dialect of the engine at hand."""

from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute

from shop.db.session import db
from shop.db.tenant import current_shop_id
from shop.models.base import Base, ShopOwned

PURGED_AT_ONCE = 1000


def insert_or_ignore(model: type[ShopOwned], unique: list[InstrumentedAttribute[Any]], **values: Any) -> bool:
    """Insert a row of the current shop unless one with the same unique columns is there; whether it was inserted.

    On PostgreSQL a row that another transaction is just inserting is waited for.
    """
    return insert_or_ignore_id(model, unique, **values) is not None


def insert_or_ignore_id(model: type[ShopOwned], unique: list[InstrumentedAttribute[Any]], **values: Any) -> int | None:
    """As :func:`insert_or_ignore`; return the id of the row that was inserted, else None."""
    session = db.session()
    make = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = (
        make(model)
        .values(shop_id=current_shop_id(), **values)
        .on_conflict_do_nothing(index_elements=[model.shop_id, *unique])
        .returning(model.id)  # type: ignore[attr-defined]
    )
    found: int | None = session.execute(statement).scalar()
    return found


def like_fragment(word: str) -> str:
    """A LIKE pattern (escape character ``\\``) for texts that contain ``word``."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def purge_batch(model: type[Base], *conditions: ColumnElement[bool]) -> int:
    """Delete up to :data:`PURGED_AT_ONCE` rows of the session's shops that nobody is working on; how many there were.

    Rows that are locked are passed over, so that tidying up never makes a request wait, nor waits for one.
    """
    key = model.id  # type: ignore[attr-defined]
    found = select(key).where(*conditions).limit(PURGED_AT_ONCE).with_for_update(skip_locked=True).cte("found")
    statement = delete(model).where(key.in_(select(found.c.id))).returning(key)
    return len(db.session.execute(statement.execution_options(synchronize_session=False)).all())
