"""The shop's events in order, and their retention."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Boolean, ColumnElement, literal_column, select

from shop.db.session import db
from shop.db.upsert import purge_batch
from shop.domain.events import EventType, matches
from shop.models import Event
from shop.models.events import PURGED
from shop.services import clock
from shop.services.events.numbering import BATCH, number_events

KEPT: Final = timedelta(days=30)
"""Events of points are never purged."""


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events by sequence, and whether there are more."""

    events: Sequence[Event]
    has_more: bool


def list_events(patterns: Sequence[str], *, since: datetime | None, after: int, limit: int) -> EventPage:
    """Return events of some types after a sequence; all events with lower sequences are committed.

    Types recorded by another version of the program are matched by ``*`` alone.
    """
    while number_events() == BATCH:
        pass
    statement = select(Event).where(Event.sequence > after).order_by(Event.sequence).limit(limit + 1)
    if "*" not in patterns:
        statement = statement.where(Event.type.in_(matches(patterns, EventType)))
    if since is not None:
        statement = statement.where(Event.created_at >= since)
    found = db.session.scalars(statement).all()
    return EventPage(found[:limit], len(found) > limit)


def event_data(event: Event) -> dict[str, Any]:
    """Return the data of an event: the object, the previous values of its changed fields, and who did it."""
    actor = {"kind": event.actor_kind, "id": event.actor_id, "label": event.actor_label}
    return {event.noun: event.data, "previous": event.previous, "actor": actor}


def purge_events() -> int:
    """Delete events of the session's shops that are older than 30 days, except those of points."""
    is_purged: ColumnElement[bool] = literal_column(PURGED, Boolean())
    return purge_batch(Event, is_purged, Event.created_at < clock.now() - KEPT, Event.sequence.is_not(None))
