"""Direct reads of tables, without the services."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, String, cast, inspect, or_, select, text

from shop.db.session import db
from shop.models import Base


@contextmanager
def raw_connection() -> Iterator[Connection]:
    """Yield a separate transaction; the session's read transaction is ended first."""
    db.session.rollback()
    with db.engine.begin() as connection:
        yield connection


def run_sql(statement: str, **values: Any) -> Any:
    """Run raw SQL in a separate transaction, without the services."""
    with raw_connection() as connection:
        return connection.execute(text(statement), values)


def snapshot(shop_id: int | None = None) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables (of one shop) as currently stored."""
    found = {}
    with raw_connection() as connection:
        there = set(inspect(connection).get_table_names())
        for table in Base.metadata.sorted_tables:
            if table.name not in there or (shop_id is not None and "shop_id" not in table.c):
                continue
            statement = select(table).order_by(table.c.id)
            if shop_id is not None:
                statement = statement.where(table.c.shop_id == shop_id)
            found[table.name] = [tuple(row) for row in connection.execute(statement)]
    return found


def tables_that_mention(words: list[str]) -> dict[str, list[str]]:
    """Return the tables in which a text column contains one of some words, ignoring case."""
    found: dict[str, list[str]] = {}
    with raw_connection() as connection:
        for table in Base.metadata.sorted_tables:
            texts = [cast(column, String) for column in table.c if not column.primary_key]
            for word in words:
                holds = or_(*(column.ilike(f"%{word}%") for column in texts))
                if connection.execute(select(table.c.id).where(holds).limit(1)).first():
                    found.setdefault(table.name, []).append(word)
    return found
