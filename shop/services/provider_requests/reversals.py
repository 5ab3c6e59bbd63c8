"""Send a payment's money back by reversing it. M-Pesa reverses a transaction once, however often it is asked."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.payments.received import TO_DECIDE, ReceivedState
from shop.domain.payments.requests import OPEN_STATES, RequestKind
from shop.domain.statuses import PaymentStatus
from shop.models import ProviderRequest, ReceivedPayment
from shop.services import audit_log, clock
from shop.services.actors import SYSTEM, Actor
from shop.services.errors import Conflict
from shop.services.orders.refunds import refund_order
from shop.services.orders.repository import lock_order
from shop.services.orders.review_flags import raise_flag
from shop.services.payments.config import PaymentConfig
from shop.services.payments.received import lock_payment, set_state
from shop.services.payments.returning import reversal_requested
from shop.services.provider_requests.sending import add_request, find_account, send_request

WAIT: Final = timedelta(minutes=15)
"""How long a result is waited for before staff may ask again."""
REASON: Final = "M-Pesa sent the payment back"


def find_reversal(payment_id: int) -> ProviderRequest | None:
    """Return the newest request to reverse a payment; None without one."""
    row = ProviderRequest
    wanted = select(row).where(row.payment_id == payment_id, row.kind == RequestKind.REVERSAL)
    return db.session.scalars(wanted.order_by(row.id.desc()).limit(1)).first()


def may_reverse(newest: ProviderRequest | None) -> bool:
    """Return whether a reversal may be requested after the newest one: not while a result is waited for."""
    return newest is None or newest.state not in OPEN_STATES or newest.created_at < clock.now() - WAIT


def reverse_payment(payment_id: int, actor: Actor, config: PaymentConfig) -> ProviderRequest:
    """Ask M-Pesa to send a payment's money back; the result marks it as sent back. Return the request.

    Raises NotFound; Conflict ``payment_settled`` for a payment that was used or returned, ``reversal_requested`` for 15
    minutes while a result is waited for; InvalidInput without an initiator, KeysLost.
    """
    account = find_account(config)
    with transaction():
        payment = lock_payment(payment_id)
        if payment.state not in TO_DECIDE:
            raise Conflict("This payment was already used or sent back.", code="payment_settled")
        if not may_reverse(find_reversal(payment_id)):
            raise reversal_requested()
        reference, cents = payment.transaction_id, payment.amount_cents
        request_id, token = add_request(
            RequestKind.REVERSAL, actor, payment_id=payment_id, reference=reference, amount_cents=cents
        )
        audit_log.record(actor, "payment.reversal_requested", f"payment:{payment_id}", new=reference)
    return send_request(request_id, token, account, config, lambda daraja, url: daraja.reverse(reference, cents, url))


def mark_reversed(payment: ReceivedPayment, made: ProviderRequest) -> None:
    """Mark a locked payment as sent back by a request, in the caller's transaction.

    An order that it paid meanwhile is refunded, and flagged for review.
    """
    if payment.state == ReceivedState.RETURNED:
        return
    paid_id = payment.order_id if payment.state == ReceivedState.MATCHED else None
    set_state(payment, ReceivedState.RETURNED, payment.order_id)
    payment.handled_at, payment.handled_by = clock.now(), made.requested_by
    audit_log.record(SYSTEM, "payment.returned", f"payment:{payment.id}", new=made.receipt or made.reference)
    db.session.flush()
    if paid_id is not None:
        _refund(paid_id, payment, made)


def _refund(order_id: int, payment: ReceivedPayment, made: ProviderRequest) -> None:
    """Refund what is left of an order whose payment was sent back, once; its goods may have left the shop."""
    if lock_order(order_id).payment_status == PaymentStatus.PAID:
        refund_order(
            order_id, None, REASON, SYSTEM, reference=made.receipt or made.reference, request_key=f"reversal:{made.id}"
        )
    raise_flag("reversed", order_id, f"reversed:{payment.id}", payment.amount_cents, payment.transaction_id)
