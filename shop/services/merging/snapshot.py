"""Rows as JSON, restored when a merge is undone."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy import inspect as describe

from shop.db.session import db
from shop.models.base import UtcDateTime


def pack_row(row: Any) -> dict[str, Any]:
    """Return the columns of a row, without generated ones, as JSON values."""
    columns = [column for column in row.__table__.columns if column.computed is None]
    attributes = {column.name: describe(type(row)).get_property_by_column(column).key for column in columns}
    return {name: _pack(getattr(row, key)) for name, key in attributes.items()}


def _pack(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def put_back(model: type[Any], packed: dict[str, Any]) -> None:
    """Insert a packed row under its id. Columns added since have their defaults."""
    columns = model.__table__.columns
    values = {name: _unpack(columns[name], value) for name, value in packed.items() if name in columns}
    db.session.execute(insert(model.__table__).values(values))


def _unpack(column: Any, value: Any) -> Any:
    is_time = isinstance(value, str) and isinstance(column.type, UtcDateTime)
    return datetime.fromisoformat(value) if is_time else value
