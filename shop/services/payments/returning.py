"""Payments that M-Pesa was asked to send back: no one may use them until the result is known."""

from sqlalchemy import select

from shop.db.session import db
from shop.domain.payments.received import ReceivedState
from shop.domain.payments.requests import OPEN_STATES, RequestKind
from shop.models import ProviderRequest, ReceivedPayment
from shop.services.errors import Conflict


def require_not_returned(payment: ReceivedPayment) -> None:
    """Raise Conflict ``payment_returned`` for a payment that was sent back, ``reversal_requested`` while it is."""
    if payment.state == ReceivedState.RETURNED:
        raise Conflict("The money of this payment was sent back to the payer.", code="payment_returned")
    require_not_returning(payment.id)


def require_not_returning(payment_id: int) -> None:
    """Raise Conflict ``reversal_requested`` if a payment is being sent back."""
    row = ProviderRequest
    wanted = (row.payment_id == payment_id, row.kind == RequestKind.REVERSAL, row.state.in_(OPEN_STATES))
    if db.session.scalars(select(row.id).where(*wanted).limit(1)).first() is not None:
        raise reversal_requested()


def reversal_requested() -> Conflict:
    """Return the error for a payment that M-Pesa was asked to send back."""
    return Conflict("M-Pesa was asked to send this payment back. Wait for its result.", code="reversal_requested")
