"""Statements that are built once and sent often: a tenth of what the same costs when the ORM makes it for each call.

They go past the ORM and so past the hook that confines it (``scope.py``). So the shop is asked for here: a statement
that touches rows of a shop without saying :data:`SHOP` for each table is refused when it is made, that is when its
module is imported, and the value is always the session's own shop.
"""

from collections.abc import Sequence
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import (
    CTE,
    Alias,
    Column,
    CompoundSelect,
    Connection,
    Delete,
    Dialect,
    Insert,
    Join,
    Select,
    Subquery,
    Table,
    Update,
    bindparam,
    insert,
)
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, BooleanClauseList, Grouping

from shop.db.ready import Ready, Rows
from shop.db.session import CONNECTION, db
from shop.db.tenant import current_shop_id, shop_id_of
from shop.models.base import Base, ShopOwned

SHOP: Final[BindParameter[int]] = bindparam("tuza_shop", required=True)
"""The session's shop, in a statement: ``.where(orders.c.shop_id == SHOP)``."""
ROWS_AT_ONCE: Final = 10

Statement = Select[Any] | CompoundSelect[Any] | Update | Delete | Insert


class UnconfinedStatement(RuntimeError):
    """A statement about rows of shops that does not say of which."""


class Prepared:
    """A SELECT, UPDATE, DELETE or INSERT of tables for the session's shop, with ``bindparam`` for what changes.

    An INSERT gets its ``shop_id``; everything else must compare that of every table with :data:`SHOP`, or with that of
    a table for which it does; UnconfinedStatement otherwise. ``every_shop=True`` is for what finds out the shop, such
    as the holder of a key. Values, types included, go in and come out as the models' columns have them; objects that
    the session has loaded do not learn of a change.
    """

    __slots__ = ("_confined", "_ready", "statement")

    def __init__(self, statement: Statement, *, every_shop: bool = False) -> None:
        self._confined = not every_shop
        if self._confined and isinstance(statement, Insert):
            statement = statement.values(shop_id=SHOP)
        elif self._confined:
            _check_within(statement, frozenset())
        if isinstance(statement, Insert) and not list(statement.exported_columns):
            statement = statement.inline()  # nobody asks for the new id
        self.statement = statement
        self._ready: WeakKeyDictionary[Dialect, dict[tuple[str, ...], Ready]] = WeakKeyDictionary()

    def __call__(self, **values: Any) -> Rows:
        """Send it, after what the session has not written yet."""
        connection = self._connect(values)
        ready = self._made_ready(connection.dialect, values)
        if ready.usable:
            return ready.send(connection, values)
        result = connection.execute(self.statement, values)
        return Rows(list(result.all()) if result.returns_rows else [], result.rowcount)

    def many(self, rows: Sequence[dict[str, Any]]) -> None:
        """Send it once for each of some rows; nothing for none."""
        if rows:
            more: dict[str, Any] = {}
            self._connect(more).execute(self.statement, [{**row, **more} for row in rows])

    def _connect(self, values: dict[str, Any]) -> Connection:
        """The session's connection, with all written that waits to be; its shop is put to the values."""
        session = db.session()
        if session.new or session.dirty or session.deleted:
            session.flush()
        if self._confined:
            values["tuza_shop"] = shop_id_of(session)
        held: Connection | None = session.info.get(CONNECTION)
        if held is None or held.closed or session.in_nested_transaction():  # whose savepoint the session sets by asking
            return session.connection(bind_arguments={"clause": self.statement})
        return held

    def _made_ready(self, dialect: Dialect, values: dict[str, Any]) -> Ready:
        """An INSERT is another one for other columns."""
        names = tuple(values) if isinstance(self.statement, Insert) else ()
        kept = self._ready.get(dialect)
        if kept is None:
            kept = self._ready.setdefault(dialect, {})
        ready = kept.get(names)
        if ready is None:
            ready = kept[names] = Ready(self.statement, dialect, names)
        return ready


class PreparedRows:
    """INSERTs of several rows at once for the session's shop, each row with values for the same columns."""

    __slots__ = ("_for", "_into", "_names", "_returning")

    def __init__(self, model: type[ShopOwned], names: Sequence[str], *returning: Column[Any]) -> None:
        self._into, self._names, self._returning = table(model), tuple(names), returning
        self._for: dict[int, Prepared] = {}

    def __call__(self, rows: Sequence[dict[str, Any]]) -> list[Any]:
        """Send them, and what comes back; in no certain order."""
        found: list[Any] = []
        shop = {SHOP.key: current_shop_id()}
        for start in range(0, len(rows), ROWS_AT_ONCE):
            some = rows[start : start + ROWS_AT_ONCE]
            values = {f"{name}_{place}": row[name] for place, row in enumerate(some) for name in self._names}
            found += self._of(len(some))(**values, **shop)
        return found

    def _of(self, count: int) -> Prepared:
        if count not in self._for:
            column = self._into.c
            rows = [
                {name: bindparam(f"{name}_{place}", type_=column[name].type) for name in self._names}
                | {"shop_id": SHOP}
                for place in range(count)
            ]
            statement = insert(self._into).values(rows).returning(*self._returning)
            self._for[count] = Prepared(statement, every_shop=True)  # each row says the shop
        return self._for[count]


def table(model: type[Any]) -> Table:
    """The table of a model."""
    found = model.__table__
    if not isinstance(found, Table):
        raise TypeError(f"{model.__name__} is not kept in a table")
    return found


def _owned() -> set[str]:
    return {table(mapper.class_).name for mapper in Base.registry.mappers if issubclass(mapper.class_, ShopOwned)}


def _check(statement: Select[Any] | Update | Delete, outer: frozenset[Any]) -> None:
    """Each shop's table in the FROM must be tied to the shop, by itself or by way of one that is; so within each part.

    ``outer`` are the tables that are tied around a part, and that it may refer to.
    """
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
        raise UnconfinedStatement(f"a prepared statement touches {', '.join(loose)} without the shop: {statement}")
    for source in sources:
        if isinstance(source, (Subquery, CTE)):
            _check_within(source.element, frozenset())
    for part in statement.get_children():
        if all(part is not source for source in sources):
            _check_within(part, frozenset(tied))


def _check_within(part: Any, outer: frozenset[Any]) -> None:
    if isinstance(part, (Select, Update, Delete)):
        _check(part, outer)
    elif not isinstance(part, (Table, Alias)):
        for inner in part.get_children():
            _check_within(inner, outer)


def _take_apart(source: Any, sources: list[Any], conditions: list[Any]) -> None:
    """The tables of a FROM, and the conditions that join them."""
    if isinstance(source, Join):
        conditions += _all_of(source.onclause)
        _take_apart(source.left, sources, conditions)
        _take_apart(source.right, sources, conditions)
    else:
        sources.append(source)


def _all_of(condition: Any) -> list[Any]:
    """Conditions that must hold together."""
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
    """What an equation of ``shop_id`` ties: two tables, or a table and the shop."""
    if not isinstance(condition, BinaryExpression) or condition.operator is not operators.eq:
        return None
    found = [_side(condition.left), _side(condition.right)]
    return None if None in found else (found[0], found[1])


def _side(part: Any) -> Any:
    if isinstance(part, BindParameter):
        return SHOP.key if part.key == SHOP.key else None
    return part.table if isinstance(part, Column) and part.key == "shop_id" else None
