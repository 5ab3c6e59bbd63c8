"""Statements that are built once and executed often, without the ORM (``docs/decisions/prepared-statements.md``).

The hook that filters ORM statements by shop (``tenant.py``) does not see them, so they are checked when they are
defined, that is when their module is imported: a statement on a shop's tables that does not compare ``shop_id`` with
:data:`SHOP` raises MissingTenantFilter. The value is always the session's shop.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import (
    CompoundSelect,
    Connection,
    CursorResult,
    Delete,
    Dialect,
    Insert,
    Row,
    Select,
    Table,
    Update,
    bindparam,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session

from shop.db.compiled import CompiledQuery, Rows, has_events
from shop.db.session import CONNECTION, db
from shop.db.tenant import shop_id_of
from shop.db.tenant_filter import SHOP, MissingTenantFilter, assert_tenant_filtered

__all__ = ["MANY", "SHOP", "MissingTenantFilter", "PreparedQuery", "Statement", "table"]
MANY: Final = 20
"""The number of rows that one compiled INSERT takes."""
Statement = Select[Any] | CompoundSelect[Any] | Update | Delete | Insert


class PreparedQuery:
    """A SELECT, UPDATE, DELETE or INSERT for the session's shop, built once, with ``bindparam`` for what changes.

    An INSERT gets its ``shop_id``; every other statement must compare the ``shop_id`` of each table with :data:`SHOP`,
    or with that of a table for which it does; raises MissingTenantFilter otherwise. ``all_tenants=True`` is for
    statements that find out the shop, such as the owner of an API key. Objects that the session has loaded are not
    refreshed by a change.
    """

    __slots__ = ("_compiled", "_is_insert", "_returns_rows", "_shop_key", "statement")

    def __init__(self, statement: Statement, *, all_tenants: bool = False) -> None:
        self._is_insert = isinstance(statement, Insert)
        if not (all_tenants or self._is_insert):
            assert_tenant_filtered(statement)
        self._shop_key = None if all_tenants else "shop_id" if self._is_insert else SHOP.key
        self._returns_rows = bool(list(statement.exported_columns))
        if isinstance(statement, Insert) and not self._returns_rows:
            statement = statement.inline()  # the new id is not needed
        self.statement = statement
        self._compiled: WeakKeyDictionary[Dialect, dict[tuple[str, ...], CompiledQuery]] = WeakKeyDictionary()

    def __call__(self, **values: Any) -> CursorResult[Any] | Rows:
        """Execute it, after flushing the session."""
        session = db.session()
        connection = self._connection(session)
        if self._shop_key is not None:
            values[self._shop_key] = shop_id_of(session)
        compiled = self._compiled_for(connection.dialect, values)
        if compiled.usable and not has_events():
            return compiled.execute(connection, values)
        return connection.execute(self.statement, values)

    def _compiled_for(self, dialect: Dialect, values: Mapping[str, Any]) -> CompiledQuery:
        """Return the statement compiled for a dialect; an INSERT once for each set of columns."""
        names = tuple(values) if self._is_insert and self._shop_key is not None else ()
        found = self._compiled.get(dialect)
        compiled = None if found is None else found.get(names)
        if compiled is None:
            compiled = CompiledQuery(self.statement, dialect, names)
            self._compiled.setdefault(dialect, {})[names] = compiled
        return compiled

    def many(self, rows: Sequence[dict[str, Any]]) -> Sequence[Row[Any]]:
        """Execute it for each of some rows; return what RETURNING gives, in no particular order.

        Up to :data:`MANY` rows are inserted by one statement that is prepared, too.
        """
        if not rows:
            return []
        if len(rows) == 1:
            result = self(**rows[0])
            return result.all() if self._returns_rows else []
        session = db.session()
        shop = {} if self._shop_key is None else {self._shop_key: shop_id_of(session)}
        rows = [row | shop for row in rows]
        insert = _insert_of(self, len(rows), tuple(rows[0])) if len(rows) <= MANY and self._is_insert else None
        if insert is None:
            done: CursorResult[Any] | Rows = self._connection(session).execute(self.statement, rows)
        else:
            done = insert(**{f"{name}_{place}": value for place, row in enumerate(rows) for name, value in row.items()})
        return done.all() if self._returns_rows else []

    def _connection(self, session: Session) -> Connection:
        """Flush the session and return its connection."""
        session.flush()
        held: Connection | None = session.info.get(CONNECTION)
        if held is None or held.closed or session.in_nested_transaction():  # asking the session sets the savepoint
            return session.connection(bind_arguments={"clause": self.statement})
        return held


@lru_cache(256)
def _insert_of(query: PreparedQuery, count: int, names: tuple[str, ...]) -> PreparedQuery | None:
    """Return the INSERT of several rows in one VALUES, each with parameters of its own: ``name_0``, ``name_1`` …

    None if the statement has values of its own, to which SQLAlchemy adds no rows.
    """
    insert = query.statement
    if not isinstance(insert, Insert):
        raise TypeError("only an INSERT is executed for several rows")
    types = {name: insert.table.c[name].type for name in names}
    rows = [{name: bindparam(f"{name}_{place}", type_=types[name]) for name in names} for place in range(count)]
    several = insert.values(rows)
    try:
        dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
        several.compile(dialect=dialect)  # this dialect renders ON CONFLICT, too
    except InvalidRequestError:
        return None
    return PreparedQuery(several, all_tenants=True)


def table(model: type[Any]) -> Table:
    """Return the table of a model."""
    found = model.__table__
    if not isinstance(found, Table):
        raise TypeError(f"{model.__name__} is not kept in a table")
    return found
