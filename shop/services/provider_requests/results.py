"""Process the results of requests, which M-Pesa sends by callback: late, repeated, in any order, or not at all."""

import logging
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import all_tenants, use_shop
from shop.db.transaction import transaction
from shop.domain.codes import hash_secret
from shop.domain.payments.requests import ENDED_WORDS, RequestKind, RequestState
from shop.domain.text.cleaning import drop_unstorable
from shop.models import OrderRefund, ProviderRequest
from shop.services.errors import NotFound
from shop.services.orders.fulfilment.refund_money import lock_refund
from shop.services.payment_matching.matching import receive_payment
from shop.services.payments.credentials import find_facts
from shop.services.payments.providers.mpesa.results import (
    ALREADY_REVERSED,
    SUCCESS,
    Result,
    read_payment,
    read_result,
)
from shop.services.payments.received import lock_payment
from shop.services.payments.registration import METHOD
from shop.services.provider_requests.payouts import mark_paid_out
from shop.services.provider_requests.reversals import mark_reversed
from shop.services.provider_requests.sending import lock_request, set_request_state

TIMED_OUT: Final = "timeout"

log = logging.getLogger("tuza.payments")


def handle_result(token: str, body: Mapping[str, Any]) -> None:
    """Process the result of a request: the first success stays. Sets the session's shop.

    Raises NotFound for an unknown address, InvalidInput for an unexpected body.
    """
    request_id = _use_request(token)
    result = read_result(body)
    made = _settle(request_id, result)
    if made is None or made.kind != RequestKind.STATUS:
        return
    if made.about_id is not None:
        _settle_about(made.about_id, result)
    elif (payment := read_payment(result, _own_numbers())) and payment.transaction_id == made.reference:
        receive_payment(payment)


def handle_timeout(token: str) -> None:
    """Note that a request waited too long at M-Pesa: it is not known what becomes of it. Sets the session's shop.

    Raises NotFound for an unknown address.
    """
    request_id = _use_request(token)
    with transaction():
        made = lock_request(request_id)
        if made.state not in {RequestState.DONE, RequestState.FAILED}:
            is_query = made.kind == RequestKind.STATUS
            state = RequestState.FAILED if is_query else RequestState.REQUESTED
            set_request_state(made, state, TIMED_OUT, "M-Pesa did not process the request in time.")


def _use_request(token: str) -> int:
    row = ProviderRequest
    with all_tenants():
        found = db.session.execute(select(row.id, row.shop_id).where(row.token_hash == hash_secret(token))).first()
    if found is None:
        raise NotFound("There is nothing at this address.", code="callback_not_found")
    request_id: int = found.id
    use_shop(found.shop_id)
    return request_id


def _settle(request_id: int, result: Result) -> ProviderRequest | None:
    """Store a result of the request's own; return the request, or None if the result changes nothing."""
    with transaction():
        made = _lock(request_id)
        if made.conversation_id and result.ids and made.conversation_id not in result.ids:
            log.warning("a result names another request", extra={"fields": {"request": request_id}})
            return None
        if not result.is_final:
            return None
        is_done = result.code == SUCCESS or (made.kind == RequestKind.REVERSAL and result.code == ALREADY_REVERSED)
        return made if _finish(made, result, is_done=is_done) else None


def _settle_about(request_id: int, result: Result) -> None:
    """Apply the answer of a status query to the request that it asks about, if it is certain."""
    is_done = result.code == SUCCESS and result.status == "completed"
    if is_done or (result.code == SUCCESS and result.status in ENDED_WORDS):
        with transaction():
            _finish(_lock(request_id), result, is_done=is_done)


def _lock(request_id: int) -> ProviderRequest:
    """Return a request, locked after the payment or refund that it is about, as everywhere."""
    row = ProviderRequest
    payment_id, refund_id = db.session.execute(select(row.payment_id, row.refund_id).where(row.id == request_id)).one()
    if payment_id is not None:
        lock_payment(payment_id)
    if refund_id is not None:
        _lock_refund(refund_id)
    return lock_request(request_id)


def _lock_refund(refund_id: int) -> OrderRefund:
    order_id = db.session.scalars(select(OrderRefund.order_id).where(OrderRefund.id == refund_id)).one()
    return lock_refund(order_id, refund_id)


def _finish(made: ProviderRequest, result: Result, *, is_done: bool) -> bool:
    """Store how a locked request ended, in the caller's transaction; return False if it was done before."""
    if made.state == RequestState.DONE:
        return False
    message = result.message if made.kind != RequestKind.STATUS or not result.status else result.status.capitalize()
    set_request_state(made, RequestState.DONE if is_done else RequestState.FAILED, result.code, message)
    if is_done and made.kind != RequestKind.STATUS:
        made.receipt = _receipt(result)
        if made.payment_id is not None:
            mark_reversed(lock_payment(made.payment_id), made)
        if made.refund_id is not None:
            mark_paid_out(made, _lock_refund(made.refund_id))
    return True


def _receipt(result: Result) -> str:
    found = result.first("TransactionReceipt") or result.first("ReceiptNo") or result.receipt
    return drop_unstorable(str(found))[:64]


def _own_numbers() -> frozenset[str]:
    facts = find_facts(METHOD) or {}
    return frozenset(number for name in ("short_code", "till_number") if (number := facts.get(name)))
