"""Webhook endpoints: added, changed, deleted, their secrets rotated."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import select, update

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.events import check_pattern
from shop.domain.webhooks import DeliveryStatus, SignatureScheme
from shop.models import EventCounter, WebhookDelivery, WebhookEndpoint
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.events.numbering import BATCH, number_events
from shop.services.text_lengths import read_line
from shop.services.webhooks.addresses import clean_url
from shop.services.webhooks.credentials import WebhookKeysLost, current_secret, encrypt_secrets
from shop.services.webhooks.signing import new_secret, verification_key

MAX_ENDPOINTS: Final = 50


def list_endpoints() -> Sequence[WebhookEndpoint]:
    """Return the shop's endpoints, the newest first."""
    return db.session.scalars(select(WebhookEndpoint).order_by(WebhookEndpoint.id.desc())).all()


def get_endpoint(endpoint_id: int) -> WebhookEndpoint:
    """Return an endpoint. Raise NotFound."""
    return _one(select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id))


def lock_endpoint(endpoint_id: int) -> WebhookEndpoint:
    """Return an endpoint, locked until the transaction ends. Raise NotFound."""
    return _one(select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id).with_for_update())


def _one(statement: Any) -> WebhookEndpoint:
    found: WebhookEndpoint | None = db.session.scalars(statement.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound("There is no such webhook endpoint.", code="webhook_endpoint_not_found")
    return found


def create_endpoint(
    url: str, types: Sequence[str], actor: Actor, *, description: str = "", enabled: bool = True, signature: str = "v1"
) -> tuple[WebhookEndpoint, str]:
    """Add an endpoint for events from now on; return it and the key that verifies its deliveries.

    Raise InvalidInput for a URL that may not be called, unknown types, and more than 50 endpoints.
    """
    if signature not in list(SignatureScheme):
        raise InvalidInput.of("signature", "must be one of %(choices)s", choices=", ".join(SignatureScheme))
    fields = _clean({"url": url, "types": types, "description": description, "enabled": enabled})
    secret, now = new_secret(signature), clock.real_now()
    with transaction() as session:
        if len(list_endpoints()) >= MAX_ENDPOINTS:
            raise InvalidInput.of("url", "exceeds the limit: a shop has at most %(limit)s", limit=MAX_ENDPOINTS)
        endpoint = WebhookEndpoint(
            **fields,
            signature=signature,
            ciphertext=encrypt_secrets(secret),
            last_sequence=_newest_sequence(),
            created_at=now,
            updated_at=now,
        )
        session.add(endpoint)
        session.flush()
        audit_log.record(actor, "webhook.created", f"webhook:{endpoint.id}", new=endpoint.url[:200])
    return endpoint, verification_key(secret)


def update_endpoint(endpoint_id: int, changes: dict[str, Any], actor: Actor) -> WebhookEndpoint:
    """Change the ``url``, ``types``, ``description`` or ``enabled`` of an endpoint.

    One that is enabled gets events from then on; the waiting deliveries of one that is disabled fail. Raise NotFound,
    and InvalidInput as :func:`create_endpoint`.
    """
    given = _clean(changes)
    with transaction() as session:
        endpoint = lock_endpoint(endpoint_id)
        values = {name: value for name, value in given.items() if getattr(endpoint, name) != value}
        if "enabled" in values:
            endpoint.disabled_reason = endpoint.failing_since = None
            endpoint.last_sequence = _newest_sequence()
            fail_waiting(endpoint_id)
        for name, value in values.items():
            setattr(endpoint, name, value)
        if values:
            endpoint.updated_at = clock.real_now()
            audit_log.record(actor, "webhook.changed", f"webhook:{endpoint_id}", new=", ".join(values))
        session.flush()
    return endpoint


def delete_endpoint(endpoint_id: int, actor: Actor) -> None:
    """Delete an endpoint with its deliveries. Raise NotFound."""
    with transaction() as session:
        endpoint = lock_endpoint(endpoint_id)
        audit_log.record(actor, "webhook.deleted", f"webhook:{endpoint_id}", old=endpoint.url[:200])
        session.delete(endpoint)


def rotate_secret(endpoint_id: int, actor: Actor) -> tuple[WebhookEndpoint, str]:
    """Give an endpoint a new secret; the old one signs too for 24 hours. Return as :func:`create_endpoint`."""
    with transaction() as session:
        endpoint = lock_endpoint(endpoint_id)
        secret = new_secret(endpoint.signature)
        try:
            old = current_secret(endpoint)
        except WebhookKeysLost:
            old = ""
        endpoint.ciphertext = encrypt_secrets(secret, old)
        endpoint.rotated_at = endpoint.updated_at = clock.real_now()
        audit_log.record(actor, "webhook.rotated", f"webhook:{endpoint_id}")
        session.flush()
    return endpoint, verification_key(secret)


def check_enabled(endpoint: WebhookEndpoint) -> None:
    """Raise Conflict if an endpoint is disabled."""
    if not endpoint.enabled:
        raise Conflict("This endpoint is off. Turn it on first.", code="webhook_endpoint_disabled")


def fail_waiting(endpoint_id: int) -> None:
    """Let the waiting deliveries of an endpoint fail, in the caller's transaction."""
    row = WebhookDelivery
    waiting = update(row).where(row.endpoint_id == endpoint_id, row.status == DeliveryStatus.WAITING)
    db.session.execute(waiting.values(status=DeliveryStatus.FAILED).execution_options(synchronize_session=False))


def _newest_sequence() -> int:
    while number_events() == BATCH:
        pass
    return db.session.scalars(select(EventCounter.last_sequence)).first() or 0


def _clean(values: dict[str, Any]) -> dict[str, Any]:
    cleaners: dict[str, Callable[[Any], Any]] = {
        "url": clean_url,
        "types": _clean_types,
        "description": lambda text: read_line("description", text, 200),
        "enabled": bool,
    }
    return {name: cleaners[name](value) for name, value in values.items()}


def _clean_types(types: Sequence[str]) -> list[str]:
    if not types:
        raise InvalidInput.of("types", "must name at least one event type")
    try:
        return list(dict.fromkeys(check_pattern(one) for one in types))
    except ValueError as wrong:
        raise InvalidInput.of("types", str(wrong)) from None
