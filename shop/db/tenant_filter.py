"""Whether a statement compares each shop's table that it touches with the shop.

ORM entities get the session's criterion (``tenant.py``), so they count as compared; plain tables must be compared in
the statement itself.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final

from sqlalchemy import CTE, Alias, Column, Delete, Insert, Join, Select, Subquery, Table, Update, bindparam
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, BooleanClauseList, Grouping

from shop.models.base import Base, ShopOwned

SHOP: Final[BindParameter[int]] = bindparam("tuza_shop", required=True)
"""The session's shop, in a prepared statement: ``.where(orders.c.shop_id == SHOP)``."""
IsShop = Callable[[BindParameter[Any]], bool]


class MissingTenantFilter(RuntimeError):
    """A statement on a shop's tables without a filter by shop."""


def names_a_shops_table(text: str) -> bool:
    """Return whether a piece of SQL has the name of a shop's table."""
    return not _owned().isdisjoint(re.findall(r"\w+", text.lower()))


def is_prepared_shop(value: BindParameter[Any]) -> bool:
    """Return whether a parameter is :data:`SHOP`."""
    return value.key == SHOP.key


def is_value(_value: BindParameter[Any]) -> bool:
    """Take any parameter for the shop: for statements whose verdict is kept for later values."""
    return True


def assert_tenant_filtered(
    part: Any, is_shop: IsShop = is_prepared_shop, outer: frozenset[Any] = frozenset(), *, entities: bool = False
) -> None:
    """Raise MissingTenantFilter if a statement, or a part of it, touches a shop's table without a filter by shop.

    ``outer`` are the filtered tables of the enclosing statement, which the part may refer to. With ``entities`` the
    statement gets the session's criterion when it is executed.
    """
    _Check(is_shop, entities).part(part, outer)


class _Check:
    def __init__(self, is_shop: IsShop, entities: bool) -> None:
        self._is_shop, self._entities = is_shop, entities

    def part(self, part: Any, outer: frozenset[Any]) -> None:
        if isinstance(part, Select | Update | Delete):
            self._statement(part, outer)
        elif isinstance(part, Insert):
            if part.select is not None:
                _Check(self._is_shop, entities=False).part(part.select, outer)
        elif not isinstance(part, Table | Alias):
            for inner in part.get_children():
                self.part(inner, outer)

    def _statement(self, statement: Select[Any] | Update | Delete, outer: frozenset[Any]) -> None:
        """Check that each shop's table in the FROM is compared with the shop, directly or through another table."""
        sources, conditions = _sources(statement)
        tied = {SHOP.key, *outer}
        if self._entities:
            tied |= set(_entities(statement))
        ties = [sides for sides in map(self._sides, conditions) if sides is not None]
        while more := {b for pair in ties for a, b in (pair, pair[::-1]) if a in tied} - tied:
            tied |= more
        loose = sorted(_name(source) for source in sources if _name(source) in _owned() and source not in tied)
        if loose:
            raise MissingTenantFilter(f"a statement touches {', '.join(loose)} without the shop")
        for source in sources:
            if isinstance(source, Subquery | CTE):
                self.part(source.element, frozenset())
        for part in statement.get_children():
            if all(part is not source for source in sources):
                self.part(part, frozenset(tied))

    def _sides(self, condition: Any) -> tuple[Any, Any] | None:
        """Return what an equality on ``shop_id`` compares: two tables, or a table and the shop; else None."""
        if not isinstance(condition, BinaryExpression) or condition.operator is not operators.eq:
            return None
        found = [self._side(condition.left), self._side(condition.right)]
        return None if None in found else (found[0], found[1])

    def _side(self, part: Any) -> Any:
        if isinstance(part, BindParameter):
            return SHOP.key if self._is_shop(part) else None
        return part.table if isinstance(part, Column) and part.key == "shop_id" else None


@cache
def _owned() -> set[str]:
    tables = (mapper.local_table for mapper in Base.registry.mappers if issubclass(mapper.class_, ShopOwned))
    return {table.name for table in tables if isinstance(table, Table)}


def _sources(statement: Select[Any] | Update | Delete) -> tuple[list[Any], list[Any]]:
    """Return the tables of a statement, and the conditions that all of its rows meet."""
    sources: list[Any] = []
    conditions = _all_of(statement.whereclause)
    if isinstance(statement, Select):
        for source in statement.get_final_froms():
            _take_apart(source, sources, conditions)
    else:
        sources.append(statement.table)
        sources += _others_of(statement)
    return sources, conditions


def _take_apart(source: Any, sources: list[Any], conditions: list[Any]) -> None:
    """Collect the tables of a FROM and the conditions of its joins."""
    if isinstance(source, Join):
        conditions += _all_of(source.onclause)
        _take_apart(source.left, sources, conditions)
        _take_apart(source.right, sources, conditions)
    else:
        sources.append(source)


def _others_of(statement: Update | Delete) -> list[Any]:
    """Return the tables beside the one that an UPDATE or DELETE changes."""
    tables = {part.table for part in _of_level(statement) if isinstance(part, Column) and part.table is not None}
    return [table for table in tables if table != statement.table]


def _entities(statement: Select[Any] | Update | Delete) -> Iterator[Any]:
    """Return the tables and aliases to which the ORM adds the criterion; in a change it is the changed one only."""
    parts = _of_level(statement) if isinstance(statement, Select) else [statement.table]
    for part in parts:
        entity = getattr(part, "_annotations", {}).get("parententity")  # there is no documented way to it
        if entity is not None:
            yield entity.selectable


def _of_level(part: Any) -> Iterator[Any]:
    """Return the elements of a statement, without those of its subqueries."""
    for inner in part.get_children():
        yield inner
        if not isinstance(inner, Select | Table | Alias | Subquery | CTE):
            yield from _of_level(inner)


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
