"""Match received payments automatically (``docs/payments.md``): by order number, by phone, by known payer."""

import logging
from collections.abc import Callable
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import select, text

from shop.db.session import db
from shop.db.tenant import all_tenants, current_shop_id, in_shop
from shop.db.transaction import transaction
from shop.domain.payments.mpesa_values import CURRENCY
from shop.domain.payments.received import TO_DECIDE, MatchedBy, ReceivedState
from shop.models import KnownPayer, OrderTransaction, ReceivedPayment, TillSale
from shop.models.payments.received_payment import NOT_TRIED, WAITS_FOR_CLAIM
from shop.services.actors import Actor
from shop.services.customers.records import find_customer
from shop.services.errors import ShopError
from shop.services.payment_matching.orders import (
    find_named_order,
    find_prompt,
    list_fitting_orders,
    means_order,
    pay_order,
)
from shop.services.payments.received import (
    Confirmation,
    find_user_of,
    lock_by_reference,
    lock_payment,
    mark_matched,
    set_state,
    store_payment,
)
from shop.services.shops.settings import get_settings
from shop.services.till.sales import RecordedSale, Sale, record_sale

SYSTEM_ACTOR = Actor("system", None, "M-Pesa")
AT_ONCE = 100

log = logging.getLogger("tuza.payments")


def receive_payment(confirmation: Confirmation) -> str:
    """Store a payment of the session's shop, then match it; return its state. The same one again changes nothing.

    A payment that cannot be matched now stays ``received``, and the worker tries again.
    """
    store_payment(confirmation)
    try:
        return match_reference(confirmation.transaction_id)
    except Exception as broken:
        db.session.rollback()
        log.error("a received payment could not be matched: %s", type(broken).__name__, exc_info=broken)
        return ReceivedState.RECEIVED


def match_reference(transaction_id: str) -> str:
    """Match the stored payment with a transaction id unless that was done before; return its state."""
    with transaction():
        payment = lock_by_reference(transaction_id)
        if payment is None:
            return ""
        if payment.state == ReceivedState.RECEIVED:
            _match(payment)
        return payment.state


def _match(payment: ReceivedPayment) -> None:
    if get_settings().currency != CURRENCY:
        return set_state(payment, ReceivedState.UNMATCHED, None)
    for attempt in (_by_use, _by_order, _by_prompt, _by_customer):
        if attempt(payment):
            return None
    return set_state(payment, ReceivedState.UNMATCHED, None)


def _by_use(payment: ReceivedPayment) -> bool:
    order_id = find_user_of(payment.transaction_id)
    if order_id is not None:
        mark_matched(payment, order_id, MatchedBy.REFERENCE)
    return order_id is not None


def _by_order(payment: ReceivedPayment) -> bool:
    order_id = find_named_order(payment.account, payment.amount_cents)
    if order_id is not None:
        pay_order(payment, order_id, SYSTEM_ACTOR, MatchedBy.ORDER_NUMBER)
    return order_id is not None


def _by_prompt(payment: ReceivedPayment) -> bool:
    order_id = find_prompt(payment)
    if order_id is not None:
        pay_order(payment, order_id, SYSTEM_ACTOR, MatchedBy.PROMPT)
    return order_id is not None


def _by_customer(payment: ReceivedPayment) -> bool:
    """Record a sale at the till for the customer with the phone or payer id, unless it may be for an order."""
    customer_id, how = _find_payer(payment)
    if customer_id is None or means_order(payment.account):
        return False
    if list_fitting_orders(payment.amount_cents, customer_id=customer_id):
        return False
    try:
        with db.session.begin_nested():
            sale = record_counter_sale(payment, customer_id, SYSTEM_ACTOR)
    except ShopError:  # a till recorded the reference concurrently, or the customer was deleted
        return _by_use(payment)
    mark_matched(payment, sale.order.id, how)
    return True


def _find_payer(payment: ReceivedPayment) -> tuple[int | None, MatchedBy]:
    if payment.payer_id is not None:
        found = select(KnownPayer.customer_id).where(KnownPayer.payer_id == payment.payer_id)
        return db.session.scalars(found).first(), MatchedBy.PAYER
    known = find_customer(phone=payment.phone) if payment.phone is not None else None
    return known.id if known is not None else None, MatchedBy.PHONE


def record_counter_sale(payment: ReceivedPayment, customer_id: int, actor: Actor) -> RecordedSale:
    """Record the sale at the till that a locked payment pays, in the caller's transaction.

    The sale's id follows from the payment, and from how many sales of it were undone. Raises ShopError as
    ``record_sale``.
    """
    undone = select(TillSale.id).where(TillSale.reference == payment.transaction_id, TillSale.undone_at.is_not(None))
    name = f"tuza:{current_shop_id()}:{payment.transaction_id}:{len(db.session.scalars(undone).all())}"
    sale = Sale(
        sale_id=str(uuid5(NAMESPACE_URL, name)),
        amount_cents=payment.amount_cents,
        method="mpesa",
        customer_id=customer_id,
        reference=payment.transaction_id,
        taken_at=payment.paid_at,
        device="M-Pesa",
    )
    return record_sale(sale, actor)


def match_waiting(shop_id: int | None = None) -> int:
    """Match payments that were stored but not tried, and those whose reference has paid an order meanwhile.

    Return how many changed. One that fails is logged and does not stop the others.
    """
    row = ReceivedPayment
    used = select(OrderTransaction.id).where(
        OrderTransaction.shop_id == row.shop_id,
        OrderTransaction.reference_key == row.transaction_id,
        OrderTransaction.kind == "payment",
        OrderTransaction.status == "completed",
    )
    not_tried = select(row.id, row.shop_id).where(text(NOT_TRIED))
    used_since = select(row.id, row.shop_id).where(text(WAITS_FOR_CLAIM), used.exists())
    with all_tenants() if shop_id is None else in_shop(shop_id):
        new = [(found.id, found.shop_id) for found in db.session.execute(not_tried.limit(AT_ONCE))]
        later = [(found.id, found.shop_id) for found in db.session.execute(used_since.limit(AT_ONCE))]
    return sum(_safely(_try, *each) for each in new) + sum(_safely(_recheck, *each) for each in later)


def _safely(work: Callable[[int, int], bool], payment_id: int, shop_id: int) -> bool:
    try:
        with in_shop(shop_id):
            return work(payment_id, shop_id)
    except Exception as broken:
        db.session.rollback()
        log.error("a received payment could not be matched: %s", type(broken).__name__, exc_info=broken)
        return False


def _try(payment_id: int, _shop_id: int) -> bool:
    with transaction():
        payment = lock_payment(payment_id)
        if payment.state != ReceivedState.RECEIVED:
            return False
        _match(payment)
        return True


def _recheck(payment_id: int, _shop_id: int) -> bool:
    with transaction():
        payment = lock_payment(payment_id)
        return payment.state in TO_DECIDE and _by_use(payment)
