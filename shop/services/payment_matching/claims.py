"""Claim a received payment for a customer or an order, by staff or by the customer; undo a claim; return the money."""

from typing import Final

from sqlalchemy import delete, select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.db.upsert import insert_or_ignore
from shop.domain.codes import hash_subject
from shop.domain.payments.mpesa_values import parse_transaction_id
from shop.domain.payments.received import TO_DECIDE, MatchedBy, ReceivedState
from shop.domain.text.messages import N_
from shop.models import KnownPayer, Order, ReceivedPayment, TillSale
from shop.services import audit_log, clock
from shop.services.actors import SHOPPER, Actor
from shop.services.customers.records import hold_customer
from shop.services.errors import Conflict, InvalidInput
from shop.services.orders.fulfilment.undo import may_undo, undo_paid
from shop.services.payment_matching.matching import record_counter_sale
from shop.services.payment_matching.orders import list_fitting_orders, means_order, pay_order
from shop.services.payments.received import (
    lock_by_reference,
    lock_payment,
    mark_matched,
    payment_not_found,
    release_payment,
    set_state,
)
from shop.services.payments.returning import require_not_returning
from shop.services.rate_limits import PAYMENT_CLAIMS_PER_CUSTOMER, hit
from shop.services.till.sales import undo_sale

LONGEST_REFERENCE: Final = 200


def claim_for_customer(payment_id: int, customer_id: int, actor: Actor) -> ReceivedPayment:
    """Record a sale at the till that a payment pays, with its points. Later payments of the same payer id match.

    Raises NotFound; Conflict ``payment_settled`` for a payment that was used or returned, ``reference_used``;
    NotAllowed above a clerk's limits at the till.
    """
    with transaction():
        payment = _lock_open(payment_id)
        return _claim_sale(payment, customer_id, actor, MatchedBy.STAFF)


def _claim_sale(payment: ReceivedPayment, customer_id: int, actor: Actor, how: MatchedBy) -> ReceivedPayment:
    hold_customer(customer_id)
    sale = record_counter_sale(payment, customer_id, actor)
    mark_matched(payment, sale.order.id, how)
    _remember(payment, customer_id)
    return _note(payment, actor, "payment.claimed")


def claim_for_order(payment_id: int, order_id: int, actor: Actor) -> ReceivedPayment:
    """Mark an order paid by a payment, whatever its amount.

    Raises NotFound; Conflict ``payment_settled``, and ``payment_does_not_fit`` for an order that is paid or has ended.
    """
    with transaction():
        payment = _lock_open(payment_id)
        pay_order(payment, order_id, actor, MatchedBy.STAFF, any_amount=True)
        if payment.state != ReceivedState.MATCHED or payment.order_id != order_id:
            raise Conflict("This order is paid or has ended, so it needs no payment.", code="payment_does_not_fit")
        customer_id = db.session.scalars(select(Order.customer_id).where(Order.id == order_id)).first()
        if customer_id is not None:
            _remember(payment, customer_id)
        return _note(payment, actor, "payment.claimed")


def claim_own(receipt: str, customer_id: int, secret_key: str) -> ReceivedPayment:
    """Claim a payment by its receipt number for a customer who proved who they are by a one-time code.

    An unpaid order of theirs that costs the same is paid; otherwise a sale at the till is recorded. Raises InvalidInput
    for what is no receipt number, NotFound, TooOften, Conflict as :func:`claim_for_customer`, ``payment_counted`` for a
    payment that is theirs already, and ``payment_names_order`` for one that may be meant for an order.
    """
    try:
        reference = parse_transaction_id(receipt)
    except ValueError as invalid:
        raise InvalidInput.of("receipt", str(invalid)) from None
    with transaction():
        hit(
            f"payment-claim:{hash_subject(secret_key, str(customer_id))}",
            *PAYMENT_CLAIMS_PER_CUSTOMER,
            message=N_("Too many receipt numbers were entered. Try again later."),
        )
    with transaction():
        payment = lock_by_reference(reference)
        if payment is None or payment.state == ReceivedState.RECEIVED:
            raise payment_not_found()
        if payment.state != ReceivedState.UNMATCHED:
            raise _counted() if _is_of(payment, customer_id) else _settled()
        require_not_returning(payment.id)
        orders = list_fitting_orders(payment.amount_cents, customer_id=customer_id)
        if len(orders) != 1:
            if means_order(payment.account):
                raise Conflict(
                    "This payment names an order. Ask the shop to count it for that order.", code="payment_names_order"
                )
            return _claim_sale(payment, customer_id, SHOPPER, MatchedBy.CUSTOMER)
        pay_order(payment, orders[0].id, SHOPPER, MatchedBy.CUSTOMER)
        _remember(payment, customer_id)
        return _note(payment, SHOPPER, "payment.claimed")


def undo_claim(payment_id: int, actor: Actor) -> ReceivedPayment:
    """Undo a claim within ten minutes: reverse its points; the payment waits for a claim again.

    Raises NotFound; Conflict for a payment that no one claimed, after ten minutes, and if the points were spent.
    """
    with transaction():
        payment = lock_payment(payment_id)
        claimed = payment.state == ReceivedState.MATCHED and payment.handled_at is not None
        if not claimed or payment.order_id is None:
            raise Conflict("This payment was not claimed.", code="payment_not_claimed")
        if not may_undo(payment.handled_at):
            raise Conflict("Ten minutes have passed. Refund the order instead.", code="too_late_to_undo")
        sale = select(TillSale.sale_id).where(TillSale.order_id == payment.order_id)
        sale_id = db.session.scalars(sale).first()
        if sale_id is not None:
            undo_sale(sale_id, actor)
        else:
            undo_paid(payment.order_id, actor)
            release_payment(payment.order_id)
        db.session.execute(delete(KnownPayer).where(KnownPayer.payment_id == payment_id))
        audit_log.record(actor, "payment.claim_undone", f"payment:{payment_id}")
        return lock_payment(payment_id)


def mark_returned(payment_id: int, reference: str, actor: Actor) -> ReceivedPayment:
    """Mark a payment's money as sent back, with the reference of that transfer.

    Raises NotFound; InvalidInput without a reference; Conflict ``payment_settled``.
    """
    reference = " ".join(reference.split())
    if not 0 < len(reference) <= LONGEST_REFERENCE:
        raise InvalidInput.of("reference", "must name the transfer, in at most %(limit)s characters", limit=200)
    with transaction():
        payment = lock_payment(payment_id)
        if payment.state not in TO_DECIDE:
            raise _settled()
        set_state(payment, ReceivedState.RETURNED, payment.order_id)
        return _note(payment, actor, "payment.returned", reference)


def _lock_open(payment_id: int) -> ReceivedPayment:
    payment = lock_payment(payment_id)
    if payment.state not in TO_DECIDE:
        raise _settled()
    require_not_returning(payment_id)
    return payment


def _is_of(payment: ReceivedPayment, customer_id: int) -> bool:
    order = select(Order.id).where(Order.id == payment.order_id, Order.customer_id == customer_id)
    return payment.state == ReceivedState.MATCHED and db.session.scalars(order).first() is not None


def _counted() -> Conflict:
    return Conflict("This payment is counted for you already.", code="payment_counted")


def _settled() -> Conflict:
    return Conflict("This payment was already used or sent back.", code="payment_settled")


def _remember(payment: ReceivedPayment, customer_id: int) -> None:
    if payment.payer_id is not None:
        values = {"customer_id": customer_id, "payment_id": payment.id, "created_at": clock.now()}
        insert_or_ignore(KnownPayer, [KnownPayer.payer_id], payer_id=payment.payer_id, **values)


def _note(payment: ReceivedPayment, actor: Actor, action: str, new: str | None = None) -> ReceivedPayment:
    payment.handled_at, payment.handled_by = clock.now(), actor.label
    audit_log.record(actor, action, f"payment:{payment.id}", new=new)
    db.session.flush()
    return payment
