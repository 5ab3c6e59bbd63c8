"""Send a refund's money to a phone (B2C): at most once, whatever happens to the answer and the result."""

from collections.abc import Collection, Mapping
from typing import Final
from uuid import uuid4

from sqlalchemy import func, select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.customers.contact import normalize_phone
from shop.domain.payments.mpesa_values import CURRENCY, SHILLING
from shop.domain.payments.requests import OPEN_STATES, RequestKind, RequestState
from shop.domain.text.messages import N_
from shop.models import Order, OrderRefund, ProviderRequest
from shop.services import audit_log
from shop.services.actors import SYSTEM, Actor
from shop.services.errors import Conflict, InvalidInput
from shop.services.orders.fulfilment.refund_money import lock_refund, set_sent
from shop.services.payments.config import PaymentConfig
from shop.services.provider_requests.sending import add_request, can_request, find_account, send_request
from shop.services.provider_requests.status import ask_now

NO_SHORT_CODE: Final = N_("Nothing was sent: enter the short code that sends money in the settings of M-Pesa first.")


def can_pay_out(config: PaymentConfig) -> bool:
    """Return whether the shop has what payouts need: an initiator, and a short code that sends money."""
    return can_request(config) and bool(find_account(config).get("payout_short_code"))


def find_payouts(refund_ids: Collection[int]) -> Mapping[int, ProviderRequest]:
    """Return the newest payout of each refund that has one."""
    row = ProviderRequest
    newest = select(func.max(row.id)).where(row.kind == RequestKind.PAYOUT, row.refund_id.in_(refund_ids))
    found = db.session.scalars(select(row).where(row.id.in_(newest.group_by(row.refund_id)))) if refund_ids else ()
    return {each.refund_id: each for each in found if each.refund_id is not None}


def send_refund(order_id: int, refund_id: int, phone: str, actor: Actor, config: PaymentConfig) -> ProviderRequest:
    """Ask M-Pesa to send a refund's money to a phone; the result marks the refund as sent. Return the request.

    Raises NotFound; Conflict ``refund_sent``, and ``payout_requested`` unless M-Pesa said that the last one failed;
    InvalidInput for a phone, currency or amount that M-Pesa does not pay, without an initiator, and without a short
    code that sends money; KeysLost.
    """
    with transaction():
        lock_refund(order_id, refund_id)  # raises NotFound before anything is said about the shop's settings
    account = find_account(config)
    if not account.get("payout_short_code"):
        raise InvalidInput(NO_SHORT_CODE)
    number = _parse_phone(phone)
    conversation_id = uuid4().hex
    with transaction():
        refund = lock_refund(order_id, refund_id)
        _check(refund)
        cents = refund.amount_cents
        fields = {"refund_id": refund_id, "amount_cents": cents, "phone": number, "conversation_id": conversation_id}
        request_id, token = add_request(RequestKind.PAYOUT, actor, **fields)
        audit_log.record(actor, "order.refund_requested", f"order:{order_id}", new=f"••• {number[-3:]}")
    return send_request(
        request_id, token, account, config, lambda daraja, url: daraja.pay_out(conversation_id, number, cents, url)
    )


def ask_about_refund(order_id: int, refund_id: int, actor: Actor, config: PaymentConfig) -> None:
    """Ask M-Pesa at once what became of a refund's newest payout. Raises NotFound, and as :func:`ask_now`."""
    with transaction():
        lock_refund(order_id, refund_id)
    ask_now(find_payouts([refund_id]).get(refund_id), actor, config)


def _parse_phone(phone: str) -> str:
    try:
        number = normalize_phone(phone, "KE")
    except ValueError:
        number = ""
    if not (number.startswith(("+2547", "+2541")) and len(number) == 13):
        raise InvalidInput.of("phone", "must be a Kenyan mobile number such as 0712345678")
    return number


def _check(refund: OrderRefund) -> None:
    if refund.sent_at is not None:
        raise Conflict("The money of this refund was sent.", code="refund_sent")
    newest = find_payouts([refund.id]).get(refund.id)
    if newest is not None and newest.state != RequestState.FAILED:
        raise Conflict("M-Pesa was asked to send this money. Wait for its result.", code="payout_requested")
    currency = db.session.scalars(select(Order.currency).where(Order.id == refund.order_id)).one()
    if currency != CURRENCY:
        raise InvalidInput("Nothing was sent: M-Pesa sends Kenya shillings only.")
    if refund.amount_cents % SHILLING:
        raise InvalidInput("Nothing was sent: M-Pesa sends whole shillings only.")


def mark_paid_out(made: ProviderRequest, refund: OrderRefund) -> None:
    """Mark a locked refund as sent by a payout, in the caller's transaction. It may have been marked by hand before."""
    audit_log.record(SYSTEM, "order.refund_sent", f"order:{refund.order_id}", new=made.receipt)
    if refund.sent_at is None:
        set_sent(refund, made.requested_by, made.receipt or "")
    db.session.flush()


def is_open(payout: ProviderRequest) -> bool:
    """Return whether it is not known yet what became of a payout."""
    return payout.state in OPEN_STATES
