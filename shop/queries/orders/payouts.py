"""How the money of an order's refunds is sent, and to which phone it may go."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select

from shop.db.session import db
from shop.domain.payments.mpesa_values import CURRENCY, SHILLING
from shop.models import Customer, OrderRefund, PaymentAttempt, ProviderRequest, ReceivedPayment
from shop.services.orders.repository import OrderRecord
from shop.services.payments.config import PaymentConfig
from shop.services.provider_requests.payouts import can_pay_out, find_payouts, is_open


class Payouts(NamedTuple):
    """The newest payout of each refund, and the ``phone`` that paid; None if the shop sends no money by M-Pesa."""

    by_refund: Mapping[int, ProviderRequest]
    phone: str | None

    def is_open(self, refund_id: int) -> bool:
        """Return whether M-Pesa was asked to send a refund and it is not known yet what became of it."""
        return refund_id in self.by_refund and is_open(self.by_refund[refund_id])

    def fits(self, refund: OrderRefund) -> bool:
        """Return whether M-Pesa can send the amount of a refund."""
        return refund.amount_cents % SHILLING == 0


def get_payouts(order: OrderRecord, refunds: Sequence[OrderRefund], config: PaymentConfig) -> Payouts:
    """Return the payouts of an order's refunds."""
    found = find_payouts([refund.id for refund in refunds])
    is_offered = order.currency == CURRENCY and any(refund.sent_at is None for refund in refunds)
    return Payouts(found, _find_phone(order) if is_offered and can_pay_out(config) else None)


def _find_phone(order: OrderRecord) -> str:
    """Return the phone that paid the order, else the customer's, else nothing."""
    attempt, payment = PaymentAttempt, ReceivedPayment
    candidates = (
        select(payment.phone)
        .where(payment.order_id == order.id, payment.state == "matched")
        .order_by(payment.id.desc()),
        select(attempt.phone).where(attempt.order_id == order.id, attempt.state == "paid").order_by(attempt.id.desc()),
        select(Customer.phone).where(Customer.id == order.customer_id),
    )
    phones = (db.session.scalars(candidate.limit(1)).first() for candidate in candidates)
    return next((phone for phone in phones if phone), "")
