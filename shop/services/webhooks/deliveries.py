"""Deliveries: created for the events that an endpoint asks for, and sent again on request."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, CursorResult, Select, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload, selectinload

from shop.db.prepared import table
from shop.db.session import db
from shop.db.tenant import all_tenants, current_shop_id, in_shop
from shop.db.transaction import transaction
from shop.db.upsert import purge_batch
from shop.domain.events import EventType, matches
from shop.domain.webhooks import DeliveryStatus
from shop.models import Event, EventCounter, WebhookDelivery, WebhookEndpoint
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.errors import InvalidInput, NotFound
from shop.services.webhooks.endpoints import check_enabled, lock_endpoint

KEPT: Final = timedelta(days=30)
REPLAY_WITHIN: Final = timedelta(days=14)
BATCH: Final = 500
_example_of: Callable[[EventType], dict[str, Any]] | None = None


def provide_examples(example_of: Callable[[EventType], dict[str, Any]]) -> None:
    """Set the function that returns an example of an event's data: the schemas have it, which services do not know."""
    global _example_of
    _example_of = example_of


def create_all() -> int:
    """Create the deliveries of a batch of new events for each endpoint of all shops; return how many events."""
    row = WebhookEndpoint
    with all_tenants():
        statement = select(row.id, row.shop_id).join(EventCounter, EventCounter.shop_id == row.shop_id)
        found = db.session.execute(statement.where(row.enabled, row.last_sequence < EventCounter.last_sequence)).all()
        db.session.rollback()
    done = 0
    for endpoint_id, shop_id in found:
        with in_shop(shop_id):
            done += create_deliveries(endpoint_id)
    return done


def create_deliveries(endpoint_id: int) -> int:
    """Create the deliveries of a batch of events that follow an endpoint's last one; return how many events."""
    with transaction():
        statement = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id, WebhookEndpoint.enabled)
        endpoint = db.session.scalars(statement.with_for_update(skip_locked=True)).first()
        newest = db.session.scalars(select(EventCounter.last_sequence)).first() or 0
        if endpoint is None or newest <= endpoint.last_sequence:
            return 0
        start, end = endpoint.last_sequence, min(newest, endpoint.last_sequence + BATCH)
        _create(endpoint, Event.sequence > start, Event.sequence <= end)
        endpoint.last_sequence = end
    return end - start


def _create(endpoint: WebhookEndpoint, *conditions: ColumnElement[bool]) -> int:
    """Create the deliveries of some events that the endpoint asks for and that have none yet; return how many."""
    now = clock.real_now()
    values = {
        "shop_id": Event.shop_id,
        "endpoint_id": literal(endpoint.id, WebhookDelivery.endpoint_id.type),
        "event_id": Event.id,
        "token": Event.token,
        "type": Event.type,
        "status": literal(DeliveryStatus.WAITING.value),
        "tries": literal(0),
        "due_at": literal(now, WebhookDelivery.due_at.type),
        "created_at": literal(now, WebhookDelivery.created_at.type),
    }
    events: Select[Any] = select(*values.values()).where(Event.shop_id == current_shop_id(), *conditions)
    if "*" not in endpoint.types:
        events = events.where(Event.type.in_(matches(endpoint.types, EventType)))
    rows = insert(table(WebhookDelivery)).from_select(list(values), events.order_by(Event.sequence))
    missing = rows.on_conflict_do_nothing(index_elements=["shop_id", "endpoint_id", "event_id"])
    done = db.session.execute(missing.execution_options(preserve_rowcount=True))
    return cast(CursorResult[Any], done).rowcount


def send_test(endpoint_id: int, type: str, actor: Actor) -> WebhookDelivery:
    """Create a delivery of an example of a type, with ``test`` in its data. Raise NotFound, InvalidInput, Conflict."""
    if type not in list(EventType):
        raise InvalidInput.of("type", "must be one of %(choices)s", choices=", ".join(EventType))
    assert _example_of is not None, "create_app has not run"
    now, who = clock.real_now(), {"kind": actor.kind, "id": actor.id, "label": actor.label}
    body = {**_example_of(EventType(type)), "previous": {}, "actor": who, "test": True}
    with transaction() as session:
        check_enabled(lock_endpoint(endpoint_id))
        stamps = {"due_at": now, "created_at": now}
        token = secrets.token_hex(13)
        delivery = WebhookDelivery(endpoint_id=endpoint_id, token=token, type=type, body=body, **stamps)
        session.add(delivery)
        session.flush()
        audit_log.record(actor, "webhook.tested", f"webhook:{endpoint_id}", new=type)
    return get_delivery(delivery.id)


def get_delivery(delivery_id: int) -> WebhookDelivery:
    """Return a delivery with its event and attempts. Raise NotFound."""
    options = selectinload(WebhookDelivery.attempts), joinedload(WebhookDelivery.event)
    statement = select(WebhookDelivery).where(WebhookDelivery.id == delivery_id).options(*options)
    found = db.session.scalars(statement.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound("There is no such webhook delivery.", code="webhook_delivery_not_found")
    return found


def resend(delivery_id: int, actor: Actor) -> WebhookDelivery:
    """Send a delivery again, with the same id. Raise NotFound, Conflict if its endpoint is off."""
    with transaction():
        delivery = get_delivery(delivery_id)
        check_enabled(lock_endpoint(delivery.endpoint_id))
        _send_again(WebhookDelivery.id == delivery_id)
        audit_log.record(actor, "webhook.resent", f"webhook:{delivery.endpoint_id}", new="1")
    return get_delivery(delivery_id)


def replay(endpoint_id: int, since: datetime, until: datetime, actor: Actor) -> int:
    """Send again what failed or was never sent from a time until before another; return how many, with the same ids.

    What failed and waits for its next attempt is sent at once, too: the receiver may work again hours before.
    Raise NotFound, Conflict if the endpoint is off, InvalidInput for a range that is longer than 14 days or negative.
    """
    if not timedelta() <= until - since <= REPLAY_WITHIN:
        raise InvalidInput.of("until", "must follow since by at most %(days)s days", days=REPLAY_WITHIN.days)
    row, events = WebhookDelivery, _within(Event.created_at, since, until)
    theirs, tests = row.event_id.in_(select(Event.id).where(events)), row.event_id.is_(None)
    return _replay(endpoint_id, theirs | (tests & _within(row.created_at, since, until)), events, actor)


def _within(moment: Any, since: datetime, until: datetime) -> Any:
    return (moment >= since) & (moment < until)


def replay_last(endpoint_id: int, period: timedelta, actor: Actor) -> int:
    """Send again what failed of the deliveries of the last days, and what was never sent of their events.

    Deliveries follow real time, events a sandbox shop's clock. Raise NotFound, Conflict if the endpoint is off.
    """
    failed = WebhookDelivery.created_at >= clock.real_now() - period
    return _replay(endpoint_id, failed, Event.created_at >= clock.now() - period, actor)


def _replay(endpoint_id: int, failed: ColumnElement[bool], events: ColumnElement[bool], actor: Actor) -> int:
    row = WebhookDelivery
    with transaction():
        endpoint = lock_endpoint(endpoint_id)
        check_enabled(endpoint)
        has_failed = (row.status == DeliveryStatus.FAILED) | ((row.status == DeliveryStatus.WAITING) & (row.tries > 0))
        count = _send_again(row.endpoint_id == endpoint_id, has_failed, failed)
        count += _create(endpoint, events, Event.sequence <= endpoint.last_sequence)
        audit_log.record(actor, "webhook.resent", f"webhook:{endpoint_id}", new=str(count))
    return count


def _send_again(*conditions: ColumnElement[bool]) -> int:
    values = {"status": DeliveryStatus.WAITING, "tries": 0, "due_at": clock.real_now()}
    statement = update(WebhookDelivery).where(*conditions).values(values)
    done = db.session.execute(statement.execution_options(synchronize_session=False))
    return cast(CursorResult[Any], done).rowcount


def purge_deliveries() -> int:
    """Delete deliveries of the session's shops that are 30 days old, with their attempts; return how many."""
    return purge_batch(WebhookDelivery, WebhookDelivery.created_at < clock.real_now() - KEPT)
