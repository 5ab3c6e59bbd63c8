"""Received payments: each stored once, and used once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from shop.db.session import db
from shop.db.transaction import transaction
from shop.db.upsert import insert_or_ignore
from shop.domain.payments.mpesa_values import NOBODY, Payer
from shop.domain.payments.received import SETTLED, MatchedBy, PaymentSource, ReceivedState
from shop.domain.text.cleaning import upper_case_forms
from shop.models import ReceivedPayment, TillSale
from shop.services import clock
from shop.services.errors import NotFound
from shop.services.orders.payment_references import find_paid_by, hold_reference


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A payment that M-Pesa confirmed."""

    transaction_id: str
    paid_at: datetime
    amount_cents: int
    short_code: str = ""
    account: str = ""
    payer: Payer = NOBODY
    payer_name: str = ""
    source: PaymentSource = PaymentSource.CALLBACK


def store_payment(given: Confirmation) -> bool:
    """Store a payment. Return False if its transaction id was stored before, which changes nothing."""
    now = clock.now()
    with transaction():
        return insert_or_ignore(
            ReceivedPayment,
            [ReceivedPayment.transaction_id],
            transaction_id=given.transaction_id,
            paid_at=given.paid_at,
            amount_cents=given.amount_cents,
            short_code=given.short_code,
            account=given.account,
            phone=given.payer.phone,
            payer_id=given.payer.payer_id,
            payer_name=given.payer_name,
            source=given.source,
            state=ReceivedState.RECEIVED,
            created_at=now,
            updated_at=now,
        )


def lock_by_reference(reference: str) -> ReceivedPayment | None:
    """Return the received payment with a transaction id, locked, and hold its reference, stored or not."""
    hold_reference(reference)
    found = select(ReceivedPayment).where(ReceivedPayment.transaction_id == reference.strip().upper())
    return db.session.scalars(found.with_for_update().execution_options(populate_existing=True)).first()


def lock_payment(payment_id: int) -> ReceivedPayment:
    """Return a received payment as currently stored, locked. Raise NotFound."""
    row = ReceivedPayment
    reference = db.session.scalars(select(row.transaction_id).where(row.id == payment_id)).first()
    payment = None if reference is None else lock_by_reference(reference)
    if payment is None:
        raise payment_not_found()
    return payment


def payment_not_found() -> NotFound:
    """Return the error for an unknown payment."""
    return NotFound("There is no such payment.", code="payment_not_found")


def find_user_of(reference: str) -> int | None:
    """Return the order that a payment reference has paid, at the till or elsewhere; None if it is free."""
    same = TillSale.reference.in_(upper_case_forms(reference))
    sale = select(TillSale.order_id).where(same, TillSale.undone_at.is_(None))
    order_id = db.session.scalars(sale.limit(1)).first()
    return order_id if order_id is not None else next((order.id for order in find_paid_by(reference)), None)


def mark_matched(payment: ReceivedPayment, order_id: int, how: MatchedBy) -> None:
    """Mark a locked payment as the one that pays an order, in the caller's transaction."""
    set_state(payment, ReceivedState.MATCHED, order_id, how)


def set_state(
    payment: ReceivedPayment, state: ReceivedState, order_id: int | None, how: MatchedBy | None = None
) -> None:
    """Change the state of a locked payment, in the caller's transaction."""
    payment.state, payment.order_id, payment.matched_by = state, order_id, how
    payment.updated_at = clock.now()
    db.session.flush()


def mark_used(reference: str, order_id: int) -> None:
    """Mark the received payment of a sale at the till, if there is one, in the caller's transaction."""
    payment = lock_by_reference(reference)
    if payment is not None and payment.state not in SETTLED:
        mark_matched(payment, order_id, MatchedBy.REFERENCE)


def release_payment(order_id: int) -> None:
    """Let the received payment of an undone sale be claimed again, in the caller's transaction."""
    row = ReceivedPayment
    matched = (row.order_id == order_id, row.state == ReceivedState.MATCHED)
    cleared = {"state": ReceivedState.UNMATCHED, "order_id": None, "matched_by": None, "updated_at": clock.now()}
    db.session.execute(update(row).where(*matched).values(cleared | {"handled_at": None, "handled_by": None}))
