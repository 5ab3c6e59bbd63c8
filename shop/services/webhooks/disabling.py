"""Disable endpoints that are gone or fail for days, and notify the shop's owners."""

from shop.domain.events import EventType
from shop.domain.webhooks import FAILING_FOR, DisabledReason
from shop.models import WebhookEndpoint
from shop.services import clock
from shop.services.actors import SYSTEM
from shop.services.events.recording import record
from shop.services.webhooks.endpoints import fail_waiting


def note_attempt(endpoint: WebhookEndpoint, *, is_delivered: bool, is_gone: bool) -> None:
    """Note the outcome of an attempt; disable the endpoint if it is gone or has failed for five days.

    ``endpoint`` is locked in the caller's transaction.
    """
    now = clock.real_now()
    if is_delivered:
        endpoint.failing_since = None
        return
    endpoint.failing_since = endpoint.failing_since or now
    if endpoint.enabled and (is_gone or now - endpoint.failing_since >= FAILING_FOR):
        _disable(endpoint, DisabledReason.GONE if is_gone else DisabledReason.FAILING)


def _disable(endpoint: WebhookEndpoint, reason: str) -> None:
    endpoint.enabled, endpoint.disabled_reason, endpoint.updated_at = False, reason, clock.real_now()
    fail_waiting(endpoint.id)
    fields = {"id": endpoint.id, "url": endpoint.url, "disabled_reason": reason}
    disabled = record(EventType.ENDPOINT_DISABLED, endpoint.id, lambda: fields, SYSTEM)
    disabled.audit("webhook.disabled", f"webhook:{endpoint.id}", new=reason)
    disabled.notify()
