"""Start the payment of an order.

No transaction is open during a provider call: the attempt is stored before it, and the result after it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shop.db.transaction import transaction
from shop.domain.codes import hash_subject
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.domain.text.messages import N_, Translatable
from shop.models import PaymentAttempt
from shop.services import clock
from shop.services.actors import SHOPPER, Shopper
from shop.services.catalogue.payment_methods import PaymentOption, choose_payment_method
from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.orders.lifecycle import change_payment_status
from shop.services.orders.payment_deadline import pay_by
from shop.services.orders.repository import OrderRecord, lock_order, save_order
from shop.services.payments.access import may_pay
from shop.services.payments.attempts import (
    ASKED_FOR,
    attempt_message,
    find_newest,
    find_under_way,
    lapse_attempt,
    open_attempt,
)
from shop.services.payments.config import PaymentConfig
from shop.services.payments.provider_calls import query_attempt, start_charge
from shop.services.payments.providers.base import ChargeRequest, PromptGateway, Started
from shop.services.payments.providers.registry import open_gateway
from shop.services.rate_limits import PAYMENT_PROMPTS_PER_PHONE, PAYMENTS_PER_ORDER, hit

TOO_OFTEN = N_("Too many payment attempts. Wait before trying again.")


@dataclass(frozen=True, slots=True)
class StartedPayment:
    """A started payment, with its order at that time."""

    order_id: int
    order_number: str
    gateway: str
    amount_cents: int
    currency: str
    pay_by: datetime | None
    started: Started


@dataclass(frozen=True, slots=True)
class PaymentState:
    """An order and its last payment attempt, if any."""

    order: OrderRecord
    attempt: PaymentAttempt | None


@dataclass(frozen=True, slots=True)
class _ToSend:
    """A stored attempt to send now."""

    attempt_id: int
    gateway: PromptGateway
    charge: ChargeRequest
    begun: StartedPayment


@dataclass(frozen=True, slots=True)
class _ToQuery:
    """An attempt whose provider must be queried before another one is made."""

    attempt_id: int
    order_id: int
    provider_id: str
    gateway: PromptGateway


@dataclass(frozen=True, slots=True)
class _Request:
    """A request to pay, and its sender."""

    order_id: int
    method_name: str
    payment_token: str | None
    shopper: Shopper | None
    phone: str | None
    is_authorized: bool


def with_attempt(order: OrderRecord) -> PaymentState:
    """Return an order with its last payment attempt."""
    return PaymentState(order, find_newest(order.id))


def start_payment(
    order_id: int,
    gateway_name: str,
    payment_token: str | None,
    *,
    shopper: Shopper | None = None,
    phone: str | None = None,
    config: PaymentConfig,
    is_authorized: bool = False,
) -> StartedPayment:
    """Start the payment of an order by a payment method, if the caller may pay it: see ``may_pay``.

    ``is_authorized`` if the caller has checked that. Repeating it while the customer is prompted returns the same.
    Another method than the order's replaces it, with its time limit. ``phone`` is prompted; without one, that of the
    last attempt. Raises NotFound alike for an unknown order and a wrong token, InvalidInput for a method that the shop
    does not offer or an unsupported phone, Conflict for an order that can no longer be paid, TooOften, and Unavailable
    if the provider cannot be reached.
    """
    request = _Request(order_id, gateway_name, payment_token, shopper, phone, is_authorized)
    step = _prepare(request, config)
    if isinstance(step, _ToQuery):
        query_attempt(step.attempt_id, step.order_id, step.provider_id, step.gateway)
        step = _prepare(request, config, queried=step.attempt_id)
    if isinstance(step, _ToSend):
        started = start_charge(step.attempt_id, step.gateway, step.charge)
        return replace(step.begun, started=started)
    if isinstance(step, _ToQuery):  # a concurrent request has started the attempt
        raise Conflict("Another payment for this order is in progress. Wait a minute.", code="payment_under_way")
    return step


def _prepare(
    request: _Request, config: PaymentConfig, queried: int | None = None
) -> StartedPayment | _ToSend | _ToQuery:
    """Return the next step of a payment, after storing what must precede it.

    ``queried`` is the attempt whose provider was queried for this request.
    """
    with transaction():
        order = lock_order(request.order_id)
        if not (request.is_authorized or may_pay(order, request.shopper, request.payment_token)):
            raise NotFound("There is no such order.", code="order_not_found")
        if queried is None:
            hit(f"payment:order:{order.id}", *PAYMENTS_PER_ORDER, message=TOO_OFTEN)
        if order.payment_status == PaymentStatus.PAID:
            return _begun(order, order.payment_method_code or "", _paid(order))
        refuse_unpayable(order)
        method = choose_payment_method(request.method_name)
        if method is None:
            raise InvalidInput.of("gateway_name", "must name a payment method", code="payment_method_unknown")
        if order.total_cents == 0:
            change_payment_status(order, PaymentStatus.PAID, SHOPPER)
            return _begun(order, method.code, _paid(order))
        if order.payment_status == PaymentStatus.FAILED:
            change_payment_status(order, PaymentStatus.PENDING, SHOPPER)
        gateway = open_gateway(method.code, config)
        payer = _payer(order, request.phone, gateway) if isinstance(gateway, PromptGateway) else None
        under_way = find_under_way(order.id)
        waits = _under_way(order, under_way, payer, config, queried) if under_way is not None else None
        if waits is not None:
            return waits
        choose_method(order, method)
        if not isinstance(gateway, PromptGateway):
            return _begun(order, method.code, gateway.start(_charge_request(order, method.config, order.order_number)))
        return _to_send(order, method, payer or "", gateway, config)


def refuse_unpayable(order: OrderRecord) -> None:
    """Raise Conflict for a locked order that can no longer be paid."""
    if order.status == OrderStatus.CANCELLED:
        raise Conflict("This order was cancelled. Place a new one.", code="order_cancelled")
    if order.payment_status == PaymentStatus.REFUNDED:
        raise Conflict("This order was refunded. Place a new one.", code="order_refunded")
    if order.pay_by is not None and order.pay_by <= clock.now():
        raise Conflict("The time to pay this order has ended. Place a new one.", code="payment_time_over")


def choose_method(order: OrderRecord, method: PaymentOption) -> None:
    """Set the payment method of a locked order; another method restarts the time limit."""
    if order.payment_method_code == method.code:
        return
    order.payment_method_code, order.payment_method = method.code, method.name
    order.updated_at = clock.now()
    order.pay_by = pay_by(method, order.total_cents, clock.now())
    save_order(order)


def _payer(order: OrderRecord, given: str | None, gateway: PromptGateway) -> str:
    """Return the phone to prompt: the one given, else that of the last attempt. Raises InvalidInput.

    Never the phone in the customer's record: anyone can order with the customer's e-mail, and would learn it.
    """
    before = find_newest(order.id)
    phone = given or (before.phone if before else None)
    if not phone:
        raise InvalidInput.of("payment_data.phone", "must be the phone that is asked to pay", code="phone_needed")
    return gateway.payer(phone, order.currency)


def _under_way(
    order: OrderRecord, attempt: PaymentAttempt, payer: str | None, config: PaymentConfig, queried: int | None
) -> StartedPayment | _ToQuery | None:
    """Return the step for a pending attempt; None if it has lapsed, and another may be made.

    Within the first 90 seconds the customer is being prompted. After that the provider is queried, if it knows the
    attempt.
    """
    gateway = open_gateway(attempt.method_code, config)
    if clock.now() - attempt.created_at >= ASKED_FOR:
        if queried != attempt.id and attempt.provider_id is not None and isinstance(gateway, PromptGateway):
            return _ToQuery(attempt.id, order.id, attempt.provider_id, gateway)
        lapse_attempt(attempt)
        return None
    if payer != attempt.phone:
        raise Conflict(
            "A phone is being asked to pay this order. Answer it there, or wait a minute.", code="payment_under_way"
        )
    charge = _charge_request(order, {}, attempt.reference, attempt.phone)
    message = gateway.waiting_message(charge) if isinstance(gateway, PromptGateway) else attempt_message(attempt)
    return _begun(order, attempt.method_code, Started("waiting", attempt.reference, message))


def _to_send(
    order: OrderRecord, method: PaymentOption, phone: str, gateway: PromptGateway, config: PaymentConfig
) -> _ToSend:
    who = hash_subject(config.secret_key, f"payment:{phone}")
    hit(f"payment:phone:{who}", *PAYMENT_PROMPTS_PER_PHONE, message=TOO_OFTEN)
    amount = gateway.amount_to_ask(order.total_cents)
    attempt, token = open_attempt(order, method.code, amount, phone)
    charge = _charge_request(order, method.config, attempt.reference, phone, config.callback_url + token)
    begun = _begun(order, method.code, Started("waiting", attempt.reference, gateway.waiting_message(charge)), amount)
    return _ToSend(attempt.id, gateway, charge, begun)


def _charge_request(
    order: OrderRecord, config: Mapping[str, Any], reference: str, phone: str | None = None, callback_url: str = ""
) -> ChargeRequest:
    return ChargeRequest(
        order_id=order.id,
        order_number=order.order_number,
        amount_cents=order.total_cents,
        currency=order.currency,
        config={name: str(value) for name, value in config.items()},
        reference=reference,
        phone=phone,
        callback_url=callback_url,
    )


def _paid(order: OrderRecord) -> Started:
    return Started("paid", order.order_number, Translatable("This order is paid."))


def _begun(order: OrderRecord, gateway: str, started: Started, amount_cents: int | None = None) -> StartedPayment:
    amount = order.total_cents if amount_cents is None else amount_cents
    return StartedPayment(order.id, order.order_number, gateway, amount, order.currency, order.pay_by, started)
