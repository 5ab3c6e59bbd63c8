"""Record domain events: collected during a transaction and written by one statement before its commit.

So an object is shown once, in its final state, and an order costs one more statement
(``docs/decisions/domain-events.md``). Events recorded in a savepoint are dropped if it is rolled back. Entries of the
audit log and messages about an event are written from it (``docs/decisions/views-of-events.md``).
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import event, insert
from sqlalchemy.orm import Session, SessionTransaction

from shop.db.prepared import PreparedQuery, table
from shop.db.session import db
from shop.db.tenant import in_shop, is_shop_of, shop_id_of
from shop.db.transaction import before_commit
from shop.domain.events import VERSION, EventType, Noun
from shop.models import Event
from shop.services import audit_log, clock
from shop.services.actors import Actor

_PENDING: Final = "pending_events"
_SAVEPOINTS: Final = "pending_events_at_savepoints"
_ADD = PreparedQuery(insert(table(Event)))
Present = Callable[[Noun, Any], Any]
"""Returns what a JSON column takes."""
Notify = Callable[["PendingEvent", Any], None]
"""Enqueues the messages about an event, given the object that it is about."""
_present: Present | None = None
_notify: Notify | None = None


@dataclass(slots=True)
class PendingEvent:
    """An event of the transaction. At its end ``load`` returns the object for the presenter; None if deleted.

    With ``before``, the object as it was shown before the change, its previous values are worked out then; an event
    without any is not written.
    """

    shop_id: int
    type: EventType
    object_id: int
    customer_id: int | None
    actor: Actor
    load: Callable[[], Any]
    previous: dict[str, Any]
    created_at: datetime
    token: str = field(default_factory=lambda: secrets.token_hex(13))
    is_notified: bool = False
    before: dict[str, Any] | None = None

    def audit(
        self,
        action: str,
        subject: str | None = None,
        *,
        old: str | None = None,
        new: str | None = None,
        reason: str | None = None,
    ) -> None:
        """Add the entry of the audit log about this event; its subject is the event's object unless given."""
        subject = subject or f"{self.type.noun}:{self.object_id}"
        audit_log.record(self.actor, action, subject, old=old, new=new, reason=reason, event_token=self.token)

    def notify(self, wanted: bool = True) -> None:
        """Send the message about this event, if ``wanted`` (``shop/services/messaging/subscriptions.py``)."""
        self.is_notified = wanted


def provide_presenter(present: Present) -> None:
    """Set the function that presents an object as JSON; the schemas do this, which services do not import."""
    global _present
    _present = present


def provide_messages(notify: Notify) -> None:
    """Set the function that enqueues the messages about an event; services below the messages do not import it."""
    global _notify
    _notify = notify


def show(noun: Noun, found: Any) -> dict[str, Any]:
    """Return an object as events show it, before it is changed: for ``before`` of :func:`record`."""
    assert _present is not None, "create_app has not run"
    return _as_json(_present(noun, found))


def _as_json(shown: Any) -> dict[str, Any]:
    return dict(shown) if isinstance(shown, dict) else shown.model_dump(mode="json")


def record(
    type: EventType,
    object_id: int,
    load: Callable[[], Any],
    actor: Actor,
    *,
    customer_id: int | None = None,
    previous: dict[str, Any] | None = None,
    before: dict[str, Any] | None = None,
) -> PendingEvent:
    """Record an event of the session's shop, in the caller's transaction, and return it.

    ``customer_id`` is the customer it is about: the event is deleted, or loses the reference, with them. ``previous``
    has JSON values; or ``before`` has the whole object (:func:`show`), and nothing is recorded if it stays the same.
    """
    session = db.session()
    pending = session.info.setdefault(_PENDING, [])
    if not pending:
        before_commit(session, _write)
    shop_id, now = shop_id_of(session), clock.now()
    recorded = PendingEvent(shop_id, type, object_id, customer_id, actor, load, previous or {}, now, before=before)
    pending.append(recorded)
    return recorded


def move_pending(customer_id: int, to: int | None) -> None:
    """Move the transaction's pending events to another customer, or to None if the customer is deleted.

    With None, events that would be deleted with the customer are dropped. Raises nothing.
    """
    pending: list[PendingEvent] = db.session().info.get(_PENDING, [])
    for one in pending:
        if one.customer_id == customer_id:
            one.customer_id = to
    if to is None:
        pending[:] = [one for one in pending if not _is_of(one, customer_id)]


def _is_of(one: PendingEvent, customer_id: int) -> bool:
    """Return whether an event contains a customer, so that it cannot be written once they are deleted."""
    return one.type.noun is Noun.CUSTOMER and one.object_id == customer_id


def _write() -> None:
    session = db.session()
    pending: list[PendingEvent] = session.info.pop(_PENDING, [])
    shops = {one.shop_id for one in pending}
    if all(is_shop_of(session, shop_id) for shop_id in shops):
        _write_of_shop(pending)
        return
    for shop_id in sorted(shops):
        with in_shop(shop_id):
            _write_of_shop([one for one in pending if one.shop_id == shop_id])


def _write_of_shop(pending: Sequence[PendingEvent]) -> None:
    assert _present is not None, "create_app has not run"
    assert _notify is not None
    found: dict[tuple[Noun, int], Any] = {}
    shown: dict[tuple[Noun, int], Any] = {}
    for one in reversed(pending):  # the last one loads what is true in the end
        key = (one.type.noun, one.object_id)
        if key not in found:
            found[key] = one.load()
            shown[key] = {"id": one.object_id} if found[key] is None else _present(one.type.noun, found[key])
    changes = [one for one in pending if _is_change(one, shown[one.type.noun, one.object_id])]
    _ADD.many([_row(one, shown[one.type.noun, one.object_id]) for one in changes])
    for one in changes:
        if one.is_notified:
            _notify(one, found[one.type.noun, one.object_id])


def _is_change(one: PendingEvent, data: Any) -> bool:
    """Return whether an event has something to tell, and set the previous values of one that has ``before``."""
    if one.before is None:
        return True
    now = _as_json(data)
    one.previous = {name: was for name, was in one.before.items() if name != "updated_at" and now.get(name, was) != was}
    return bool(one.previous)


def _row(one: PendingEvent, data: Any) -> dict[str, Any]:
    return {
        "token": one.token,
        "type": one.type,
        "version": VERSION,
        "noun": one.type.noun,
        "object_id": one.object_id,
        "customer_id": one.customer_id,
        "data": data,
        "previous": one.previous,
        "actor_kind": one.actor.kind,
        "actor_id": one.actor.id,
        "actor_label": one.actor.label,
        "created_at": one.created_at,
    }


@event.listens_for(db.session, "after_transaction_create")
def _mark_savepoint(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        pending = session.info.get(_PENDING, ())
        session.info.setdefault(_SAVEPOINTS, {})[transaction] = len(pending)


@event.listens_for(db.session, "after_soft_rollback")
def _drop_rolled_back(session: Session, previous: SessionTransaction) -> None:
    if previous.nested:
        pending = session.info.get(_PENDING, [])
        del pending[session.info.get(_SAVEPOINTS, {}).get(previous, len(pending)) :]


@event.listens_for(db.session, "after_transaction_end")
def _end(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_SAVEPOINTS, None)
        session.info.pop(_PENDING, None)
