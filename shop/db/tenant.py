"""The session's current shop, set once a request. The hooks below restrict every ORM statement to it.

A SELECT, UPDATE or DELETE of a model that belongs to a shop gets the shop's criterion; an INSERT gets its ``shop_id``.
Without a shop, using such a model raises ShopScopeMissing, except within ``all_tenants``.

The criterion does not reach plain tables (``select(orders.c.id)``, also joined to a model), nor the second table of an
UPDATE. A statement that touches one of a shop without comparing its ``shop_id`` raises MissingTenantFilter before it is
sent, and so does ``text(…)`` with the name of such a table, since it cannot be checked.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, TextClause, event, select
from sqlalchemy.orm import LoaderCriteriaOption, ORMExecuteState, Session, with_loader_criteria

from shop.db.session import IN_TRANSACTION, db
from shop.db.tenant_filter import MissingTenantFilter, assert_tenant_filtered, is_value, names_a_shops_table
from shop.models import SandboxClock, Shop
from shop.models.base import ShopOwned

_KEY: Final = "shop_id"
SETTINGS_MARK: Final = "settings_mark"
_EVERY: Final = "every shop"
_CHECKED: Final = "tuza_in_a_shop"
"""An execution option of statements to check: whether models get the shop's criterion."""
_MOST_KNOWN: Final = 10_000
_filtered: dict[bool, set[str]] = {True: set(), False: set()}
"""SQL that was checked, by the value of that option."""
_ahead: ContextVar[timedelta | None] = ContextVar("sandbox_clock", default=None)
"""How far the clock of the sandbox shop that was chosen is ahead of real time; None for a live shop."""
_live: "WeakKeyDictionary[Engine, set[int]]" = WeakKeyDictionary()
"""Shops of each database of which this process knows that they are no sandbox, which never changes."""


class ShopScopeMissing(RuntimeError):
    """A statement on a shop's tables while no shop is set."""


def use_shop(shop_id: int, *, settings_mark: int | None = None) -> None:
    """Set the session's shop and forget the objects loaded before.

    ``settings_mark`` is the shop's settings version just read; cached settings with that version are used.
    """
    session = db.session()
    session.info[SETTINGS_MARK] = None if settings_mark is None else (shop_id, settings_mark)
    if session.info.get(_KEY) != shop_id and (session.identity_map or session.new):
        session.expunge_all()
    session.info[_KEY] = shop_id
    _ahead.set(_ahead_of(shop_id))


def forget_shop(_error: BaseException | None = None) -> None:
    """Take the clock back to real time: before a request is known to be a sandbox shop's, and after it."""
    _ahead.set(None)


def sandbox_ahead() -> timedelta | None:
    """Return how far the clock of the chosen shop is ahead of real time; None unless it is a sandbox."""
    return _ahead.get()


def _ahead_of(shop_id: int) -> timedelta | None:
    live = _live.setdefault(db.engine, set())
    if shop_id in live:
        return None
    shops, clocks = Shop.__table__.c, SandboxClock.__table__
    found = select(shops.sandbox, clocks.c.ahead_seconds).outerjoin_from(
        Shop.__table__, clocks, clocks.c.shop_id == shop_id
    )
    row = db.session.execute(found.where(shops.id == shop_id)).first()
    if row is None or not row.sandbox:
        if row is not None and not db.session().info.get(IN_TRANSACTION):  # else it may be rolled back
            live.add(shop_id)
        return None
    return timedelta(seconds=row.ahead_seconds or 0)


def current_shop_id() -> int:
    """Return the session's shop. Raise ShopScopeMissing if none is set."""
    return shop_id_of(db.session())


def shop_id_of(session: Session) -> int:
    """Return the shop of a session. Raise ShopScopeMissing if none is set."""
    shop_id = session.info.get(_KEY)
    if not isinstance(shop_id, int):
        raise ShopScopeMissing("no shop was chosen for this session")
    return shop_id


def is_shop_of(session: Session, shop_id: int) -> bool:
    """Return whether this is the shop of a session."""
    return session.info.get(_KEY) == shop_id


@contextmanager
def all_tenants() -> Iterator[None]:
    """Within the block statements see the rows of all shops: for sign-in, the worker and the commands only."""
    yield from _scope(_EVERY)


@contextmanager
def in_shop(shop_id: int) -> Iterator[None]:
    """Within the block this is the session's shop."""
    yield from _scope(shop_id)


def _scope(value: int | str) -> Iterator[None]:
    info = db.session().info
    before = info.get(_KEY)
    info[_KEY] = value
    ahead_before = _ahead.get()
    _ahead.set(_ahead_of(value) if isinstance(value, int) else None)
    try:
        yield
    finally:
        _ahead.set(ahead_before)
        info[_KEY] = before


@lru_cache(4096)
def _criterion(shop_id: int) -> LoaderCriteriaOption:
    """Return a shop's criterion. It is cached: creating it takes as long as the rest of a small statement."""
    return with_loader_criteria(ShopOwned, lambda cls: cls.shop_id == shop_id, include_aliases=True)


@event.listens_for(db.session, "do_orm_execute")
def _confine(state: ORMExecuteState) -> None:
    shop_id = state.session.info.get(_KEY)
    if shop_id == _EVERY or state.is_column_load:
        return
    changes_or_reads = state.is_select or state.is_update or state.is_delete
    if not isinstance(shop_id, int):
        if changes_or_reads and any(issubclass(mapper.class_, ShopOwned) for mapper in state.all_mappers):
            raise ShopScopeMissing(f"no shop was chosen for: {state.statement}")
        state.update_execution_options(**{_CHECKED: False})
    elif isinstance(state.statement, TextClause) and names_a_shops_table(state.statement.text):
        raise MissingTenantFilter(f"a text cannot be checked for the shop: {state.statement}")
    elif not state.is_relationship_load:  # the criterion also holds for lazy loads of the loaded objects
        state.update_execution_options(**{_CHECKED: True})
        if changes_or_reads:
            state.statement = state.statement.options(_criterion(shop_id))


@event.listens_for(Engine, "before_cursor_execute")
def _refuse_unfiltered(_connection: Any, _cursor: Any, _sql: str, _values: Any, context: Any, _many: bool) -> None:
    """Check the session's statements, each once: this takes as long as its compilation."""
    in_shop = context.execution_options.get(_CHECKED)
    if in_shop is None or context.compiled is None or context.compiled.string in (known := _filtered[in_shop]):
        return
    assert_tenant_filtered(context.compiled.statement, is_value, entities=in_shop)
    if len(known) >= _MOST_KNOWN:
        known.clear()
    known.add(context.compiled.string)


@event.listens_for(db.session, "before_flush")
def _fill_in(session: Session, _context: Any, _instances: Any) -> None:
    for row in session.new:
        if isinstance(row, ShopOwned):
            shop_id = session.info.get(_KEY)
            if isinstance(shop_id, int):
                if row.shop_id not in (None, shop_id):
                    raise ShopScopeMissing("a row of another shop was added")
                row.shop_id = shop_id
            elif row.shop_id is None:
                raise ShopScopeMissing(f"no shop was chosen for a new {type(row).__name__}")
