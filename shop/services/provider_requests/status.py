"""Ask M-Pesa for the status of transactions: of receipts that it has not confirmed, of requests without a result."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import aliased

from shop.db.session import db
from shop.db.tenant import all_tenants, in_shop
from shop.db.transaction import transaction
from shop.domain.payments.mpesa_values import parse_transaction_id
from shop.domain.payments.requests import OPEN_STATES, RequestKind, RequestState
from shop.models import PaymentSecret, ProviderRequest, ReceivedPayment, TillSale
from shop.models.payments.provider_request import OPEN
from shop.services import clock
from shop.services.actors import SYSTEM, Actor
from shop.services.errors import Conflict, InvalidInput
from shop.services.payments.config import PaymentConfig
from shop.services.payments.registration import METHOD
from shop.services.provider_requests.sending import add_request, can_request, find_account, send_request

ASKED_AFTER: Final = timedelta(minutes=15)
"""How long after a sale or a request its status is asked for."""
ASKED_AGAIN: Final = timedelta(hours=1)
ASKED_FOR: Final = timedelta(days=1)
AT_ONCE: Final = 20
NEVER_AGAIN: Final = "34"
"""A result after which a transaction is not asked for again."""

log = logging.getLogger("tuza.payments")


def query_receipt(receipt: str, actor: Actor, config: PaymentConfig) -> ProviderRequest:
    """Ask M-Pesa for a transaction that it has not confirmed: one that completed is recorded and matched.

    Raises InvalidInput for what is no receipt number, and without an initiator; KeysLost.
    """
    try:
        reference = parse_transaction_id(receipt)
    except ValueError as invalid:
        raise InvalidInput.of("receipt", str(invalid)) from None
    account = find_account(config)
    with transaction():
        request_id, token = add_request(RequestKind.STATUS, actor, reference=reference)
    return send_request(
        request_id, token, account, config, lambda daraja, url: daraja.query_transaction(reference, "", url)
    )


def query_request(about_id: int, actor: Actor, config: PaymentConfig) -> ProviderRequest | None:
    """Ask M-Pesa what became of a request without a result; None if it cannot be named or has ended meanwhile.

    Raises InvalidInput without an initiator, KeysLost.
    """
    account = find_account(config)
    with transaction():
        about = db.session.get(ProviderRequest, about_id)
        if about is None or about.state not in OPEN_STATES or not about.conversation_id:
            return None
        conversation_id = about.conversation_id
        request_id, token = add_request(RequestKind.STATUS, actor, about_id=about_id)
    return send_request(
        request_id, token, account, config, lambda daraja, url: daraja.query_transaction("", conversation_id, url)
    )


def ask_now(about: ProviderRequest | None, actor: Actor, config: PaymentConfig) -> None:
    """Ask M-Pesa at once what became of a request.

    Raises Conflict if there is nothing to ask about and if M-Pesa did not take the question; InvalidInput without an
    initiator, KeysLost.
    """
    made = query_request(about.id, actor, config) if about is not None else None
    if made is None:
        raise Conflict("There is no request to ask M-Pesa about.")
    if made.state == RequestState.FAILED:
        raise Conflict("M-Pesa did not take the question: %(why)s.", why=made.message.rstrip("."))


def query_missing(config: PaymentConfig) -> int:
    """Ask for what is missing in all shops; return how many transactions were asked for.

    Receipts of till sales that M-Pesa has not confirmed, and requests to send money without a result: from 15 minutes
    after them, each hour for a day. What was answered with code 34 is never asked for again.
    """
    with all_tenants():
        shops = db.session.scalars(select(PaymentSecret.shop_id).where(PaymentSecret.method_code == METHOD)).all()
    return sum(_query_shop(shop_id, config) for shop_id in shops)


def _query_shop(shop_id: int, config: PaymentConfig) -> int:
    with in_shop(shop_id):
        if not can_request(config):
            return 0
        receipts, requests = _list_unconfirmed(), _list_without_result()
        asked = [_safely(query_receipt, receipt, config) for receipt in receipts]
        return sum(asked) + sum(_safely(query_request, request_id, config) for request_id in requests)


def _safely(query: Callable[[Any, Actor, PaymentConfig], object], which: Any, config: PaymentConfig) -> bool:
    try:
        return query(which, SYSTEM, config) is not None
    except InvalidInput:  # a clerk may enter anything as the receipt
        return False
    except Exception as broken:
        db.session.rollback()
        log.error("a transaction could not be asked for: %s", type(broken).__name__, exc_info=broken)
        return False


def _list_unconfirmed() -> list[str]:
    sale, asked, now = TillSale, ProviderRequest, clock.now()
    receipt = func.upper(sale.reference)
    known = select(ReceivedPayment.id).where(ReceivedPayment.transaction_id == receipt)
    not_now = select(asked.id).where(
        asked.reference == receipt, or_(asked.created_at > now - ASKED_AGAIN, asked.result_code == NEVER_AGAIN)
    )
    missing = (
        sale.method == METHOD,
        sale.reference.is_not(None),
        sale.order_id.is_not(None),
        sale.undone_at.is_(None),
        sale.created_at.between(now - ASKED_FOR, now - ASKED_AFTER),
        ~known.exists(),
        ~not_now.exists(),
    )
    found = db.session.scalars(select(sale.reference).where(*missing).order_by(sale.id).limit(AT_ONCE))
    return [reference or "" for reference in found]


def _list_without_result() -> list[int]:
    row, asked, now = ProviderRequest, aliased(ProviderRequest), clock.now()
    not_now = select(asked.id).where(
        asked.about_id == row.id, or_(asked.created_at > now - ASKED_AGAIN, asked.result_code == NEVER_AGAIN)
    )
    waiting = (
        text(OPEN),
        row.kind != RequestKind.STATUS,
        row.conversation_id != "",
        row.created_at.between(now - ASKED_FOR, now - ASKED_AFTER),
        ~not_now.exists(),
    )
    return list(db.session.scalars(select(row.id).where(*waiting).order_by(row.id).limit(AT_ONCE)))
