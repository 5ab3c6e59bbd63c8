"""The orders that a received payment may pay, and paying one."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, select

from shop.db.session import db
from shop.domain.payments.mpesa_values import CURRENCY, SHILLING
from shop.domain.payments.received import MatchedBy, ReceivedState
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.models import Order, PaymentAttempt, ReceivedPayment
from shop.services import clock
from shop.services.actors import Actor
from shop.services.errors import Conflict
from shop.services.orders.lifecycle import change_payment_status
from shop.services.orders.numbers import parse_order_number
from shop.services.orders.repository import OrderRecord, lock_order, save_order
from shop.services.payments.attempts import find_newest
from shop.services.payments.providers.base import ProviderResult
from shop.services.payments.received import find_user_of, mark_matched, set_state
from shop.services.payments.settlement import REPEATED, settle

PROMPTED_WITHIN: Final = timedelta(days=1)
FITS_WITHIN: Final = timedelta(days=30)
SHOWN: Final = 10
UNPAID: Final = (PaymentStatus.PENDING, PaymentStatus.FAILED)


def find_named_order(account: str, amount_cents: int) -> int | None:
    """Return the order whose number, or its last five characters, a payer entered as the account.

    Of several with the same five characters, the only unpaid one that costs the amount; None without such a one.
    """
    named = _named(account)
    if named is None:
        return None
    found = select(Order.id).where(named).limit(2)
    for orders in (found, found.where(*_fits(amount_cents))):
        ids = db.session.scalars(orders).all()
        if len(ids) == 1:
            return ids[0]
    return None


def means_order(account: str) -> bool:
    """Return whether an account has the form of an order number, or the last five characters of one that exists."""
    number, _ = parse_order_number(account)
    if number is not None:
        return True
    named = _named(account)
    return named is not None and db.session.scalars(select(Order.id).where(named).limit(1)).first() is not None


def _named(account: str) -> ColumnElement[bool] | None:
    number, suffix = parse_order_number(account)
    if number is not None:
        return Order.order_number == number
    return Order.number_suffix == suffix if suffix is not None else None


def find_prompt(payment: ReceivedPayment) -> int | None:
    """Return the order of a prompt that this payment answers: a prompt to the same phone for the same amount."""
    row = PaymentAttempt
    since = clock.now() - PROMPTED_WITHIN
    same = (
        row.phone == payment.phone,
        row.amount_cents > payment.amount_cents - SHILLING,
        row.amount_cents <= payment.amount_cents,
        row.receipt.is_(None),
        row.state != "failed",
        row.created_at >= since,
    )
    if payment.phone is None:
        return None
    return db.session.scalars(select(row.order_id).where(*same).order_by(row.id.desc()).limit(1)).first()


def _asked(cents: int) -> int:
    """Return what M-Pesa asks for an amount: whole shillings, rounded up."""
    return -(-cents // SHILLING) * SHILLING


def _fits(amount_cents: int) -> tuple[ColumnElement[bool], ...]:
    row = Order
    return (
        row.currency == CURRENCY,
        row.total_cents > amount_cents - SHILLING,
        row.total_cents <= amount_cents,
        row.payment_status.in_(UNPAID),
        row.status != OrderStatus.CANCELLED,
        row.order_date >= clock.now() - FITS_WITHIN,
    )


def list_fitting_orders(amount_cents: int, *, customer_id: int | None = None) -> Sequence[Any]:
    """Return id and number of unpaid orders of the last 30 days that cost an amount, newest first."""
    row = Order
    found = select(row.id, row.order_number, row.customer_id).where(*_fits(amount_cents))
    if customer_id is not None:
        found = found.where(row.customer_id == customer_id)
    return db.session.execute(found.order_by(row.id.desc()).limit(SHOWN)).all()


def pay_order(
    payment: ReceivedPayment, order_id: int, actor: Actor, how: MatchedBy, *, any_amount: bool = False
) -> None:
    """Mark an order paid by a locked payment, or hold the payment with what is wrong, in the caller's transaction.

    ``any_amount`` accepts another amount than the order costs.
    """
    order = lock_order(order_id)
    if find_user_of(payment.transaction_id) is not None:
        return mark_matched(payment, find_user_of(payment.transaction_id) or order_id, MatchedBy.REFERENCE)
    if (state := _why_not(order, payment, any_amount=any_amount)) is not None:
        return _hold(payment, order, state)
    attempt = find_newest(order_id)
    if attempt is not None and attempt.receipt is None and _asked(attempt.amount_cents) == payment.amount_cents:
        result = ProviderResult("paid", "0", amount_cents=payment.amount_cents, receipt=payment.transaction_id)
        if settle(attempt.id, order_id, result, "callback") in {"paid", "noted", REPEATED}:
            return mark_matched(payment, order_id, how)
        return _hold(payment, lock_order(order_id), ReceivedState.LATE)
    try:
        with db.session.begin_nested():
            change_payment_status(order, PaymentStatus.PAID, actor, reference=payment.transaction_id)
    except Conflict:  # what a failed payment returned is no longer available
        return _hold(payment, order, ReceivedState.LATE)
    return mark_matched(payment, order_id, how)


def _why_not(order: OrderRecord, payment: ReceivedPayment, *, any_amount: bool) -> ReceivedState | None:
    """Return the state of a payment that does not pay an order; None if it does."""
    if order.payment_status == PaymentStatus.PAID and not _names_payment(order, payment):
        return ReceivedState.TWICE
    if order.status == OrderStatus.CANCELLED or order.payment_status == PaymentStatus.REFUNDED:
        return ReceivedState.LATE
    if any_amount or payment.amount_cents in {order.total_cents, _asked(order.total_cents)}:
        return None
    return ReceivedState.SHORT if payment.amount_cents < order.total_cents else ReceivedState.OVER


def _names_payment(order: OrderRecord, payment: ReceivedPayment) -> bool:
    """Return whether the order was paid by a prompt whose receipt is not known yet."""
    attempt = find_newest(order.id)
    return (
        attempt is not None
        and attempt.state == "paid"
        and attempt.receipt is None
        and _asked(attempt.amount_cents) == payment.amount_cents
    )


def _hold(payment: ReceivedPayment, order: OrderRecord, state: ReceivedState) -> None:
    """Hold a payment. An order with money in it is not cancelled by its deadline."""
    if state == ReceivedState.SHORT and (order.pay_by or order.confirm_by):
        order.pay_by = order.confirm_by = None
        save_order(order)
    set_state(payment, state, order.id)
