"""Provider calls, made while no transaction is open, and storing their results."""

import logging

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.text.messages import Translatable, dumps
from shop.services import clock
from shop.services.orders.repository import lock_order
from shop.services.orders.review_flags import raise_flag
from shop.services.payments.attempts import close_attempt, lock_attempt
from shop.services.payments.providers.base import (
    ChargeRequest,
    PromptGateway,
    ProviderFailed,
    ProviderResult,
    ProviderUnsure,
    Refusal,
    Started,
)
from shop.services.payments.settlement import record_event, settle

log = logging.getLogger("tuza.payments")


def start_charge(attempt_id: int, gateway: PromptGateway, charge: ChargeRequest) -> Started:
    """Start the payment of a stored attempt.

    If the response is lost, the attempt stays pending. Raises InvalidInput for a phone that the provider does not
    accept, Unavailable if the provider accepted nothing.
    """
    db.session.rollback()  # no connection is held during the call
    try:
        started = gateway.start(charge)
    except ProviderUnsure as unsure:
        _log(unsure, charge)
        return Started("waiting", charge.reference, Translatable(gateway.unsure_message))
    except ProviderFailed as failed:
        _log(failed, charge)
        refusal = gateway.refusal(failed)
        _refuse(attempt_id, charge, failed, refusal)
        raise refusal.error from None
    _wait(attempt_id, charge, started)
    return started


def _wait(attempt_id: int, charge: ChargeRequest, started: Started) -> None:
    """Store that the customer is prompted, unless a callback arrived before this response."""
    with transaction():
        lock_order(charge.order_id)
        attempt = lock_attempt(attempt_id)
        attempt.provider_id = attempt.provider_id or started.provider_id
        if attempt.state == "starting":
            attempt.state, attempt.message, attempt.updated_at = "waiting", dumps(started.message), clock.now()
        result = ProviderResult("open", "0", provider_id=started.provider_id)
        record_event(attempt, result, "push", "waiting", f"push:{attempt.id}")


def _refuse(attempt_id: int, charge: ChargeRequest, failed: ProviderFailed, refusal: Refusal) -> None:
    """Close a refused attempt, and flag problems that the shop must fix."""
    with transaction():
        lock_order(charge.order_id)
        attempt = lock_attempt(attempt_id)
        if attempt.state == "starting":
            close_attempt(attempt, "failed", failed.code, refusal.error.message)
        record_event(attempt, ProviderResult("failed", failed.code), "push", "failed", f"push:{attempt.id}")
        if refusal.needs_review:
            day = clock.now().date().isoformat()
            raise_flag("refused", charge.order_id, f"refused:{failed.code}:{day}"[:200], 0, str(failed)[:200])


def query_attempt(attempt_id: int, order_id: int, provider_id: str, gateway: PromptGateway) -> ProviderResult | None:
    """Query an attempt's status and settle it. Return None if the provider could not be queried."""
    db.session.rollback()
    try:
        result = gateway.status(provider_id)
    except ProviderFailed as failed:
        fields = {"attempt": attempt_id, "code": failed.code}
        log.warning("the status of a payment could not be queried: %s", failed, extra={"fields": fields})
        return None
    if result.outcome != "open":
        settle(attempt_id, order_id, result, "query")
    return result


def _log(failed: ProviderFailed, charge: ChargeRequest) -> None:
    fields = {"order": charge.order_id, "reference": charge.reference, "code": failed.code}
    log.warning("the start of a payment failed or is uncertain: %s", failed, extra={"fields": fields})
