"""Process each provider result exactly once: callback or query, repeated, late or contradictory (docs/payments.md).

The order's lock decides between a payment and the deadline.
"""

import hashlib

from sqlalchemy import select, update

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.money import format_money
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.domain.text.messages import N_, Translatable, dumps
from shop.models import OrderTransaction, PaymentAttempt, PaymentEvent, PaymentMethod
from shop.services import clock
from shop.services.actors import Actor
from shop.services.errors import Conflict
from shop.services.orders.lifecycle import change_payment_status
from shop.services.orders.payment_references import hold_reference
from shop.services.orders.repository import OrderRecord, lock_order, save_order
from shop.services.orders.review_flags import raise_flag
from shop.services.payments.attempts import close_attempt, lock_attempt
from shop.services.payments.providers.base import ProviderResult
from shop.services.payments.providers.registry import provider_of
from shop.services.payments.received import find_user_of

REPEATED = "repeated"


def settle(attempt_id: int, order_id: int, result: ProviderResult, source: str) -> str:
    """Process a result of ``paid`` or ``failed`` of an attempt of the session's shop; return the outcome.

    One of EVENT_OUTCOMES, or ``repeated`` if the same result was processed before, which changes nothing.
    """
    with transaction():
        hold_reference(result.receipt)
        order = lock_order(order_id)
        attempt = lock_attempt(attempt_id)
        key = _key(attempt, result, source)
        if db.session.scalars(select(PaymentEvent.id).where(PaymentEvent.event_key == key)).first() is not None:
            return REPEATED
        outcome = _decide(order, attempt, result)
        record_event(attempt, result, source, outcome, key)
        return outcome


def record_event(attempt: PaymentAttempt, result: ProviderResult, source: str, outcome: str, key: str) -> None:
    """Store a provider result; the unique key refuses a second copy."""
    db.session.add(
        PaymentEvent(
            attempt_id=attempt.id,
            event_key=key,
            source=source,
            result_code=result.code[:64],
            provider_id=result.provider_id,
            amount_cents=result.amount_cents,
            receipt=result.receipt,
            outcome=outcome,
            created_at=clock.now(),
        )
    )
    db.session.flush()


def _key(attempt: PaymentAttempt, result: ProviderResult, source: str) -> str:
    said = repr((result.outcome, result.code, result.provider_id, result.amount_cents, result.receipt))
    return f"{source}:{attempt.id}:{hashlib.sha256(said.encode()).hexdigest()[:40]}"


def _decide(order: OrderRecord, attempt: PaymentAttempt, result: ProviderResult) -> str:
    if attempt.provider_id and result.provider_id and attempt.provider_id != result.provider_id:
        return _unmatched(order, attempt, result)
    attempt.provider_id = attempt.provider_id or result.provider_id
    if result.outcome == "failed":
        return _failed(order, attempt, result)
    if attempt.state == "paid":
        return _paid_again(order, attempt, result)
    if result.receipt and _is_of_another(result.receipt, attempt):
        return _unmatched(order, attempt, result)
    return _paid(order, attempt, result)


def _unmatched(order: OrderRecord, attempt: PaymentAttempt, result: ProviderResult) -> str:
    """The request or receipt belongs to another attempt: flag it for review and change nothing else."""
    what = result.receipt or result.provider_id
    raise_flag("unmatched", order.id, f"unmatched:{attempt.id}:{what}"[:200], result.amount_cents or 0, what)
    return "unmatched"


def _failed(order: OrderRecord, attempt: PaymentAttempt, result: ProviderResult) -> str:
    if attempt.state == "paid":
        cause = f"contradiction:{attempt.id}:{result.code}"
        raise_flag("contradiction", order.id, cause, attempt.paid_cents or 0, attempt.receipt or attempt.reference)
        return "contradiction"
    if attempt.state == "failed":
        return "noted"
    close_attempt(attempt, "failed", result.code, result.message)
    return "failed"


def _is_of_another(receipt: str, attempt: PaymentAttempt) -> bool:
    row = PaymentAttempt
    if db.session.scalars(select(row.id).where(row.receipt == receipt, row.id != attempt.id)).first() is not None:
        return True
    return find_user_of(receipt) not in {None, attempt.order_id}


def _paid_again(order: OrderRecord, attempt: PaymentAttempt, result: ProviderResult) -> str:
    """Process a second success: a query has no receipt; a callback with another receipt is another payment."""
    if result.receipt and attempt.receipt and result.receipt != attempt.receipt:
        amount = result.amount_cents or attempt.amount_cents
        raise_flag("twice", order.id, f"twice:{attempt.id}:{result.receipt}", amount, result.receipt)
        return "twice"
    if result.receipt and not attempt.receipt:
        if _is_of_another(result.receipt, attempt):
            return _unmatched(order, attempt, result)
        _name_payment(order, attempt, result.receipt)
    return _compare(order, attempt, result, kept="noted")


def _name_payment(order: OrderRecord, attempt: PaymentAttempt, receipt: str) -> None:
    """Store the receipt in place of our own reference."""
    attempt.receipt = receipt
    row = OrderTransaction
    db.session.execute(
        update(row).where(row.order_id == order.id, row.reference == attempt.reference).values(reference=receipt)
    )


def _paid(order: OrderRecord, attempt: PaymentAttempt, result: ProviderResult) -> str:
    amount = attempt.amount_cents if result.amount_cents is None else result.amount_cents
    attempt.receipt, attempt.paid_cents = result.receipt, amount
    close_attempt(attempt, "paid", result.code, result.message)
    reference = result.receipt or attempt.reference
    if order.status == OrderStatus.CANCELLED or order.payment_status == PaymentStatus.REFUNDED:
        return _late(order, attempt, amount, reference)
    if order.payment_status == PaymentStatus.PAID:
        if result.receipt and find_user_of(result.receipt) == order.id:
            return "noted"  # the same payment, known by its confirmation or from staff
        raise_flag("twice", order.id, f"twice:{attempt.id}", amount, reference)
        return "twice"
    if amount < attempt.amount_cents:
        order.pay_by = order.confirm_by = None  # partly paid: staff decide
        save_order(order)
        money = f"{order.currency} {format_money(amount, order.currency)}"
        attempt.message = dumps(Translatable("Only %(amount)s arrived. The shop will get in touch.", amount=money))
        return _compare(order, attempt, result, kept="short")
    provider = provider_of(attempt.method_code)
    actor = Actor("system", None, provider.name)
    if order.payment_method_code != attempt.method_code:  # the customer chose another method, then paid this attempt
        name = db.session.scalars(select(PaymentMethod.name).where(PaymentMethod.code == attempt.method_code)).first()
        order.payment_method_code, order.payment_method = (
            attempt.method_code,
            name or provider.name,
        )  # a received payment always counts
    try:
        with db.session.begin_nested():
            change_payment_status(order, PaymentStatus.PAID, actor, reference=reference)
    except Conflict:  # the payment was set to failed, and what that returned is no longer available
        return _late(order, attempt, amount, reference)
    return _compare(order, attempt, result, kept="paid")


def _late(order: OrderRecord, attempt: PaymentAttempt, amount_cents: int, reference: str) -> str:
    """Flag money for an order that had ended."""
    raise_flag("late", order.id, f"late:{attempt.id}", amount_cents, reference)
    attempt.message = N_("The payment arrived after the order was closed. The shop will refund it.")
    return "late"


def _compare(order: OrderRecord, attempt: PaymentAttempt, result: ProviderResult, *, kept: str) -> str:
    """Flag money that differs from the requested amount; return ``kept`` otherwise."""
    if result.amount_cents is not None and result.amount_cents != attempt.amount_cents:
        kind = "short" if result.amount_cents < attempt.amount_cents else "over"
        differs = abs(result.amount_cents - attempt.amount_cents)
        cause = f"{kind}:{attempt.id}:{result.amount_cents}"
        raise_flag(kind, order.id, cause, differs, result.receipt or attempt.reference)
    return kept
