"""Cached settings of shops, valid for the settings version of the shop's row.

The statement that starts every request (the shop of a host, the holder of a key) returns the version too, so that
validating the cache costs nothing; a trigger draws a new version with every change.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event
from sqlalchemy.orm import object_session

from shop.db.session import IN_TRANSACTION, db
from shop.db.tenant import SETTINGS_MARK, shop_id_of
from shop.models import ShopSetting

SHOPS_KEPT: Final = 2_000
"""Of each database; the most recently used ones."""

Settings = TypeVar("Settings")
_kept: "WeakKeyDictionary[Engine, OrderedDict[int, tuple[int, Any]]]" = WeakKeyDictionary()
_guard = threading.Lock()
_HELD: Final = "tuza_settings"
"""The settings that the session used last, needed several times a request."""


def remember(read: Callable[[], Settings], read_mark: Callable[[], int]) -> Settings:
    """Return the settings of the session's shop: the cached ones if their version is current, else ``read()``.

    The version is the one that this request or this transaction has read, else ``read_mark()``.
    """
    session = db.session()
    shop_id, info = shop_id_of(session), session.info
    marked = info.get(SETTINGS_MARK)
    mark = marked[1] if marked is not None and marked[0] == shop_id else read_mark()
    if info.get(IN_TRANSACTION):
        info[SETTINGS_MARK] = (shop_id, mark)  # read once a transaction, so that it uses one set of rules
    held = info.get(_HELD)
    if held is not None and held[0] == (shop_id, mark):
        kept: Settings = held[1]
        return kept
    values = _of_process(shop_id, mark, read)
    info[_HELD] = ((shop_id, mark), values)
    return values


def last_used() -> Any:
    """Return the settings that the session used last for its shop; None before it needed any."""
    session = db.session()
    held = session.info.get(_HELD)
    return held[1] if held is not None and held[0][0] == shop_id_of(session) else None


def _of_process(shop_id: int, mark: int, read: Callable[[], Settings]) -> Settings:
    engine = db.engine
    with _guard:
        shops = _kept.setdefault(engine, OrderedDict())
        kept = shops.get(shop_id)
        if kept is not None and kept[0] == mark:
            shops.move_to_end(shop_id)
            current: Settings = kept[1]
            return current
    values = read()
    with _guard:
        shops[shop_id] = (mark, values)
        shops.move_to_end(shop_id)
        if len(shops) > SHOPS_KEPT:
            shops.popitem(last=False)
    return values


@event.listens_for(ShopSetting, "after_insert")
@event.listens_for(ShopSetting, "after_update")
@event.listens_for(ShopSetting, "after_delete")
def _forget_version(_mapper: object, _connection: object, setting: ShopSetting) -> None:
    """Read the version again after a setting was written in the session's transaction."""
    session = object_session(setting)
    if session is not None:
        session.info.pop(SETTINGS_MARK, None)
