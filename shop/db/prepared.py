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
    CTE,
    Alias,
    Column,
    CompoundSelect,
    Connection,
    CursorResult,
    Delete,
    Dialect,
    Insert,
    Join,
    Row,
    Select,
    Subquery,
    Table,
    Update,
    bindparam,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, BooleanClauseList, Grouping

from shop.db.compiled import CompiledQuery, Rows, has_events
from shop.db.session import CONNECTION, db
from shop.db.tenant import shop_id_of
from shop.models.base import Base, ShopOwned

SHOP: Final[BindParameter[int]] = bindparam("tuza_shop", required=True)
"""The session's shop, in a statement: ``.where(orders.c.shop_id == SHOP)``."""

MANY: Final = 20
"""The number of rows that one compiled INSERT takes."""
Statement = Select[Any] | CompoundSelect[Any] | Update | Delete | Insert


class MissingTenantFilter(RuntimeError):
    """A statement on a shop's tables without a filter by shop."""


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


def _owned() -> set[str]:
    return {table(mapper.class_).name for mapper in Base.registry.mappers if issubclass(mapper.class_, ShopOwned)}


def assert_tenant_filtered(part: Any, outer: frozenset[Any] = frozenset()) -> None:
    """Raise MissingTenantFilter if a statement, or a part of it, touches a shop's table without a filter by shop.

    ``outer`` are the filtered tables of the enclosing statement, which the part may refer to.
    """
    if isinstance(part, (Select, Update, Delete)):
        _check(part, outer)
    elif not isinstance(part, (Table, Alias)):
        for inner in part.get_children():
            assert_tenant_filtered(inner, outer)


def _check(statement: Select[Any] | Update | Delete, outer: frozenset[Any]) -> None:
    """Check that each shop's table in the FROM is compared with the shop, directly or through another table."""
    sources: list[Any] = []
    conditions: list[Any] = []
    if isinstance(statement, Select):
        conditions += _all_of(statement.whereclause)
        for source in statement.get_final_froms():
            _take_apart(source, sources, conditions)
    else:
        sources.append(statement.table)
        conditions += _all_of(statement.whereclause)
    tied = {SHOP.key, *outer}
    ties = [sides for sides in map(_sides, conditions) if sides is not None]
    while more := {b for pair in ties for a, b in (pair, pair[::-1]) if a in tied} - tied:
        tied |= more
    owned = _owned()
    loose = sorted(_name(source) for source in sources if _name(source) in owned and source not in tied)
    if loose:
        raise MissingTenantFilter(f"a prepared statement touches {', '.join(loose)} without the shop: {statement}")
    for source in sources:
        if isinstance(source, (Subquery, CTE)):
            assert_tenant_filtered(source.element)
    for part in statement.get_children():
        if all(part is not source for source in sources):
            assert_tenant_filtered(part, frozenset(tied))


def _take_apart(source: Any, sources: list[Any], conditions: list[Any]) -> None:
    """Collect the tables of a FROM and the conditions of its joins."""
    if isinstance(source, Join):
        conditions += _all_of(source.onclause)
        _take_apart(source.left, sources, conditions)
        _take_apart(source.right, sources, conditions)
    else:
        sources.append(source)


def _all_of(condition: Any) -> list[Any]:
    """Return the conditions of an AND, one by one."""
    if isinstance(condition, Grouping):
        return _all_of(condition.element)
    if isinstance(condition, BooleanClauseList) and condition.operator is operators.and_:
        return [one for clause in condition.clauses for one in _all_of(clause)]
    return [] if condition is None else [condition]


def _name(source: Any) -> str:
    while isinstance(source, Alias):
        source = source.element
    return source.name if isinstance(source, Table) else ""


def _sides(condition: Any) -> tuple[Any, Any] | None:
    """Return what an equality on ``shop_id`` compares: two tables, or a table and the shop; None for anything else."""
    if not isinstance(condition, BinaryExpression) or condition.operator is not operators.eq:
        return None
    found = [_side(condition.left), _side(condition.right)]
    return None if None in found else (found[0], found[1])


def _side(part: Any) -> Any:
    if isinstance(part, BindParameter):
        return SHOP.key if part.key == SHOP.key else None
    return part.table if isinstance(part, Column) and part.key == "shop_id" else None
