"""Provider calls, made with no transaction open, and storing their results."""

import logging

from shop.db.session import db
from shop.db.transaction import transaction
from shop.services import clock
from shop.services.errors import InvalidInput, Unavailable
from shop.services.orders.repository import lock_order
from shop.services.payments.attempts import close_attempt, lock_attempt
from shop.services.payments.providers.base import (
    ChargeRequest,
    Gateway,
    ProviderFailed,
    ProviderRefused,
    ProviderResult,
    ProviderUnavailable,
    ProviderUnsure,
    Started,
)
from shop.services.payments.providers.mpesa import WORDS
from shop.services.payments.review_flags import raise_flag
from shop.services.payments.settlement import record_event, settle

WRONG_PHONE = "400.002.02"
BUSY_PHONE = "500.001.1001"
UNSURE = "M-Pesa has not answered yet. If your phone asks for your PIN, enter it; else try again in two minutes."
AWAY = "M-Pesa cannot be reached at the moment. Try again in a minute, or pay another way."
NOT_READY = "M-Pesa cannot be used in this shop at the moment. Choose another way to pay."

log = logging.getLogger("tuza.payments")


def start_charge(attempt_id: int, gateway: Gateway, charge: ChargeRequest) -> Started:
    """Start the payment of a stored attempt.

    If the answer is lost, the attempt stays under way. Raises InvalidInput for a phone that the provider does not
    take, Unavailable when it took nothing.
    """
    db.session.rollback()  # no connection is held while the provider takes its time
    try:
        started = gateway.start(charge)
    except ProviderUnsure as unsure:
        _log(unsure, charge)
        return Started("waiting", charge.reference, UNSURE)
    except ProviderFailed as failed:
        _log(failed, charge)
        raise _refusal(attempt_id, charge, failed) from None
    _wait(attempt_id, charge, started)
    return started


def _wait(attempt_id: int, charge: ChargeRequest, started: Started) -> None:
    """Store that the customer is being asked, unless a callback arrived before this answer."""
    with transaction():
        lock_order(charge.order_id)
        attempt = lock_attempt(attempt_id)
        attempt.provider_id = attempt.provider_id or started.provider_id
        if attempt.state == "starting":
            attempt.state, attempt.message, attempt.updated_at = "waiting", started.message, clock.now()
        result = ProviderResult("open", "0", provider_id=started.provider_id)
        record_event(attempt, result, "push", "waiting", f"push:{attempt.id}")


def _refusal(attempt_id: int, charge: ChargeRequest, failed: ProviderFailed) -> Exception:
    """Close a refused attempt, flag what the shop must fix, and return the exception to raise."""
    said: Exception
    is_busy = failed.code == BUSY_PHONE and "lock subscriber" in str(failed).lower()
    if failed.code == WRONG_PHONE and "phone" in str(failed).lower():
        said = InvalidInput.of("payment_data.phone", "is no number that M-Pesa knows", code="phone_unknown")
    elif isinstance(failed, ProviderUnavailable):
        said = Unavailable(AWAY, code="payment_provider_away")
    else:
        said = Unavailable(WORDS["1001"] if is_busy else NOT_READY, code="payment_not_begun")
    with transaction():
        lock_order(charge.order_id)
        attempt = lock_attempt(attempt_id)
        if attempt.state == "starting":
            close_attempt(attempt, "failed", failed.code, getattr(said, "message", ""))
        record_event(attempt, ProviderResult("failed", failed.code), "push", "failed", f"push:{attempt.id}")
        if isinstance(failed, ProviderRefused) and not is_busy and not isinstance(said, InvalidInput):
            day = clock.now().date().isoformat()
            raise_flag("refused", charge.order_id, f"refused:{failed.code}:{day}"[:200], 0, str(failed)[:200])
    return said


def query_attempt(attempt_id: int, order_id: int, provider_id: str, gateway: Gateway) -> ProviderResult | None:
    """Query an attempt's status and settle it. Return None if the provider could not be queried."""
    db.session.rollback()
    try:
        result = gateway.status(provider_id)
    except ProviderFailed as failed:
        fields = {"attempt": attempt_id, "code": failed.code}
        log.warning("a payment could not be asked for: %s", failed, extra={"fields": fields})
        return None
    if result.outcome != "open":
        settle(attempt_id, order_id, result, "query")
    return result


def _log(failed: ProviderFailed, charge: ChargeRequest) -> None:
    fields = {"order": charge.order_id, "reference": charge.reference, "code": failed.code}
    log.warning("a payment was not begun for sure: %s", failed, extra={"fields": fields})
