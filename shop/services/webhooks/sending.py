"""The next delivery of a worker, its request, and its outcome.

A worker claims an endpoint for the length of a lease, so that an endpoint gets one request at a time. If the worker
dies, the delivery is still due when the lease ends, and is sent again with the same id.
"""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import exists, or_, select, text, update
from sqlalchemy.orm import joinedload

from shop.db.session import db
from shop.db.tenant import all_tenants, in_shop
from shop.db.transaction import transaction
from shop.domain.events import VERSION
from shop.domain.webhooks import GONE, DeliveryStatus, encode_body, read_retry_after, retry_delay
from shop.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from shop.models.webhooks import WAITING
from shop.services import clock
from shop.services.events.feed import event_data
from shop.services.webhooks.credentials import WebhookKeysLost, signing_secrets
from shop.services.webhooks.disabling import note_attempt
from shop.services.webhooks.requests import WebhookResponse, target_of
from shop.services.webhooks.signing import sign

LEASE: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class OutgoingRequest:
    """A request that the worker may make until ``leased_until``."""

    shop_id: int
    endpoint_id: int
    delivery_id: int
    leased_until: datetime
    url: str
    headers: Mapping[str, str]
    body: bytes


def claim(count: int) -> list[OutgoingRequest]:
    """Claim up to ``count`` endpoints of all shops that have something due; return the oldest delivery of each."""
    row, delivery, now = WebhookEndpoint, WebhookDelivery, clock.real_now()
    is_due = exists().where(delivery.endpoint_id == row.id, text(WAITING), delivery.due_at <= now)
    is_free = or_(row.leased_until.is_(None), row.leased_until <= now)
    due = select(row.id).where(row.enabled, is_free, is_due)
    longest_idle = due.order_by(row.leased_until.nulls_first(), row.id)
    claimed = longest_idle.limit(count).with_for_update(skip_locked=True).cte("due")
    statement = update(row).where(row.id.in_(select(claimed.c.id))).values(leased_until=now + LEASE)
    with all_tenants():
        if db.session.execute(due.limit(1)).first() is None:  # no write lock for nothing
            db.session.rollback()
            return []
        with transaction() as session:
            returning = statement.returning(row.id, row.shop_id).execution_options(synchronize_session=False)
            found = session.execute(returning).all()
    return [request for endpoint_id, shop_id in found for request in _next_of(shop_id, endpoint_id, now + LEASE)]


def _next_of(shop_id: int, endpoint_id: int, leased_until: datetime) -> list[OutgoingRequest]:
    row = WebhookDelivery
    statement = select(row).where(row.endpoint_id == endpoint_id, text(WAITING), row.due_at <= clock.real_now())
    statement = statement.order_by(row.id).limit(1).options(joinedload(row.event), joinedload(row.endpoint))
    with in_shop(shop_id):
        delivery = db.session.scalars(statement.execution_options(populate_existing=True)).first()
        if delivery is None:
            return []
        request, secrets = _unsigned(delivery, leased_until), _secrets(delivery.endpoint)
    db.session.rollback()
    if not secrets:
        finish(request, WebhookResponse(None, "No key of the installation decrypts the secret.", 0))
        return []
    return [_signed(request, secrets)]


def _unsigned(delivery: WebhookDelivery, leased_until: datetime) -> OutgoingRequest:
    endpoint, body = delivery.endpoint, encode_body(body_of(delivery))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Tuza-Webhooks/1",
        "webhook-id": delivery.webhook_id,
        "webhook-timestamp": str(int(time.time())),  # receivers compare it with their own clock
    }
    return OutgoingRequest(delivery.shop_id, endpoint.id, delivery.id, leased_until, endpoint.url, headers, body)


def _signed(request: OutgoingRequest, secrets: Sequence[str]) -> OutgoingRequest:
    signature = sign(secrets, request.headers["webhook-id"], request.headers["webhook-timestamp"], request.body)
    return replace(request, headers={**request.headers, "webhook-signature": signature})


def _secrets(endpoint: WebhookEndpoint) -> list[str]:
    try:
        return signing_secrets(endpoint, clock.real_now())
    except WebhookKeysLost:
        return []


def body_of(delivery: WebhookDelivery) -> dict[str, Any]:
    """Return the body of a delivery: its event as the API lists it, or the example of a test."""
    event = delivery.event
    if event is None:
        version, moment, sequence, data = VERSION, delivery.created_at, 0, delivery.body or {}
    else:
        version, moment, sequence = event.version, event.created_at, event.sequence or 0
        data = event_data(event)
    return {
        "id": f"evt_{delivery.token}",
        "type": delivery.type,
        "version": version,
        "sequence": sequence,
        "timestamp": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "data": data,
    }


def finish(request: OutgoingRequest, response: WebhookResponse) -> None:
    """Record an attempt and its outcome, and release the endpoint unless another worker has claimed it since."""
    delivery_id = WebhookDelivery.id == request.delivery_id
    with in_shop(request.shop_id), transaction() as session:
        found = select(WebhookEndpoint).where(WebhookEndpoint.id == request.endpoint_id).with_for_update()
        endpoint = session.scalars(found).first()
        delivery = session.scalars(select(WebhookDelivery).where(delivery_id).with_for_update()).first()
        if endpoint is not None and endpoint.leased_until == request.leased_until:
            endpoint.leased_until = clock.real_now()
        if endpoint is None or delivery is None:  # deleted in the meantime, alone or with their customer
            return
        code = response.status_code
        is_delivered = code is not None and 200 <= code < 300
        session.add(_attempt(request, response))
        _set_status(delivery, response, is_delivered=is_delivered)
        session.flush()
        note_attempt(endpoint, is_delivered=is_delivered, is_gone=code == GONE)


def _attempt(request: OutgoingRequest, response: WebhookResponse) -> WebhookAttempt:
    lines = [f"POST {target_of(request.url)} HTTP/1.1", *(f"{name}: {v}" for name, v in request.headers.items())]
    return WebhookAttempt(
        delivery_id=request.delivery_id,
        at=clock.real_now() - timedelta(milliseconds=response.duration_ms),
        status_code=response.status_code,
        duration_ms=response.duration_ms,
        request="\n".join(lines),
        response=response.text,
    )


def _set_status(delivery: WebhookDelivery, response: WebhookResponse, *, is_delivered: bool) -> None:
    delivery.tries += 1
    if is_delivered:
        delivery.status = DeliveryStatus.DELIVERED
    elif delivery.status == DeliveryStatus.WAITING:  # else it was delivered by another worker, or given up
        now = clock.real_now()
        after = read_retry_after(response.retry_after, now)
        delay = retry_delay(delivery.tries, response.status_code, after, random.randint(0, 1000))  # noqa: S311 jitter
        if delay is None:
            delivery.status = DeliveryStatus.FAILED
        else:
            delivery.due_at = now + delay
