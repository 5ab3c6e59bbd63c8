"""Settings that a process keeps of its shops, each under the mark that the shop's row had when they were read.

The statement that every request begins with (which shop is this host's, whose key is this) brings the mark along, so
asking whether what is kept still counts costs nothing; a trigger draws a new mark with every change, whoever makes it.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from shop.db.session import db
from shop.db.tenant import SETTINGS_MARK, current_shop_id

SHOPS_KEPT: Final = 2_000
"""Of each database; those that were asked for last."""

Values = Mapping[str, str]
_kept: "WeakKeyDictionary[Engine, OrderedDict[int, tuple[int, Values]]]" = WeakKeyDictionary()
_guard = threading.Lock()


def remember(read: Callable[[], Values], read_mark: Callable[[], int]) -> Values:
    """The settings of the session's shop: those kept when they still count, else what ``read`` reads.

    They count under the mark that this request has read, else under the one that ``read_mark`` reads.
    """
    shop_id = current_shop_id()
    marked = db.session().info.get(SETTINGS_MARK)
    mark = marked[1] if marked is not None and marked[0] == shop_id else read_mark()
    engine = db.engine
    with _guard:
        shops = _kept.setdefault(engine, OrderedDict())
        kept = shops.get(shop_id)
        if kept is not None and kept[0] == mark:
            shops.move_to_end(shop_id)
            return kept[1]
    values = read()
    with _guard:
        shops[shop_id] = (mark, values)
        shops.move_to_end(shop_id)
        if len(shops) > SHOPS_KEPT:
            shops.popitem(last=False)
    return values
