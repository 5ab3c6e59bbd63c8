"""Assign the shop's sequence to events after their transactions are committed.

A number assigned within the transaction of the change would become visible in the order of commits: a reader who has
seen 5 could miss 4. Here one transaction at a time numbers what was committed, so that a reader who sees a number also
sees all lower ones.
"""

from sqlalchemy import bindparam, select, text, update

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.db.session import db
from shop.db.tenant import all_tenants, in_shop
from shop.db.transaction import transaction
from shop.db.upsert import insert_or_ignore
from shop.models import Event, EventCounter
from shop.models.events import UNNUMBERED

BATCH = 500
_E, _C = table(Event).c, table(EventCounter).c
_WAITING = (_E.shop_id == SHOP, text(UNNUMBERED))
_HAS_UNNUMBERED = PreparedQuery(select(_E.id).where(*_WAITING).limit(1))
_FIND = PreparedQuery(select(_E.id).where(*_WAITING).order_by(_E.id).limit(BATCH))
_LOCK = PreparedQuery(select(_C.last_sequence).where(_C.shop_id == SHOP).with_for_update())
_NUMBER = PreparedQuery(
    update(table(Event)).where(_E.shop_id == SHOP, _E.id == bindparam("event")).values(sequence=bindparam("number"))
)
_COUNT = PreparedQuery(update(table(EventCounter)).where(_C.shop_id == SHOP).values(last_sequence=bindparam("number")))


def number_events() -> int:
    """Number a batch of events of the session's shop; return how many."""
    if _HAS_UNNUMBERED().first() is None:
        return 0
    with transaction():
        last = _LOCK().scalar()
        if last is None:
            insert_or_ignore(EventCounter, [], last_sequence=0)
            last = _LOCK().scalar_one()
        found = [row.id for row in _FIND()]
        _NUMBER.many([{"event": event_id, "number": last + place} for place, event_id in enumerate(found, 1)])
        _COUNT(number=last + len(found))
    return len(found)


def number_all() -> int:
    """Number a batch of events of each shop; return how many."""
    with all_tenants():
        shops = db.session.scalars(select(Event.shop_id).where(text(UNNUMBERED)).distinct()).all()
        db.session.rollback()
    done = 0
    for shop_id in shops:
        with in_shop(shop_id):
            done += number_events()
    return done
