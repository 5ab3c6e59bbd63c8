"""Starting the payment of an order.

No transaction is open during a provider call: the attempt is stored before it, and the result after it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shop.db.transaction import transaction
from shop.domain.codes import hash_subject
from shop.domain.contact import normalize_phone
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.models import PaymentAttempt
from shop.services import clock
from shop.services.actors import SHOPPER, Shopper
from shop.services.catalogue.payment_methods import PaymentOption, choose_payment_method
from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.orders.lifecycle import change_payment_status
from shop.services.orders.payment_deadline import pay_by
from shop.services.orders.repository import OrderRecord, lock_order, save_order
from shop.services.payments.access import may_pay
from shop.services.payments.attempts import ASKED_FOR, close_attempt, find_newest, find_under_way, open_attempt
from shop.services.payments.config import PaymentConfig
from shop.services.payments.credentials import find_secrets
from shop.services.payments.provider_calls import query_attempt, start_charge
from shop.services.payments.providers.base import ChargeRequest, Gateway, Started, format_amount
from shop.services.payments.providers.manual import CashOnDelivery, ManualTransfer
from shop.services.payments.providers.mpesa import Mpesa, asked_cents, waiting_words
from shop.services.payments.providers.registry import connect
from shop.services.rate_limits import PAYMENT_PROMPTS_PER_PHONE, PAYMENTS_PER_ORDER, hit

TOO_OFTEN = "Too many tries to pay. Wait a little before the next one."


@dataclass(frozen=True, slots=True)
class StartedPayment:
    """A payment that was started, with its order as it was then."""

    order_id: int
    order_number: str
    gateway: str
    amount_cents: int
    currency: str
    pay_by: datetime | None
    started: Started


@dataclass(frozen=True, slots=True)
class PaymentState:
    """An order and the last attempt to pay it, if there was one."""

    order: OrderRecord
    attempt: PaymentAttempt | None


@dataclass(frozen=True, slots=True)
class _ToSend:
    """An attempt that was stored and is to be sent now."""

    attempt_id: int
    gateway: Mpesa
    charge: ChargeRequest
    begun: StartedPayment


@dataclass(frozen=True, slots=True)
class _ToQuery:
    """An attempt old enough to query its provider before another one is made."""

    attempt_id: int
    order_id: int
    provider_id: str
    gateway: Mpesa


def with_attempt(order: OrderRecord) -> PaymentState:
    """Return an order with the last attempt to pay it."""
    return PaymentState(order, find_newest(order.id))


def start_payment(
    order_id: int,
    gateway_name: str,
    payment_token: str | None,
    *,
    shopper: Shopper | None = None,
    phone: str | None = None,
    policy: PaymentConfig,
) -> StartedPayment:
    """Begin the payment of an order by a way to pay, for who may pay it: see ``may_pay``.

    Asking again while the customer is being asked says the same again. Another way than the order was placed with
    becomes the order's, with its time limit. ``phone`` is asked to pay; without one, that of the last try. Raises
    NotFound alike for an unknown order and a wrong token, InvalidInput for a way the shop does not offer or a phone
    that cannot be asked, Conflict for an order that cannot be paid any more, TooOften, and Unavailable when the
    provider is away.
    """
    step = _prepare(order_id, gateway_name, payment_token, shopper, phone, policy)
    if isinstance(step, _ToQuery):
        query_attempt(step.attempt_id, step.order_id, step.provider_id, step.gateway)
        step = _prepare(order_id, gateway_name, payment_token, shopper, phone, policy, asked=step.attempt_id)
    if isinstance(step, _ToSend):
        started = start_charge(step.attempt_id, step.gateway, step.charge)
        return replace(step.begun, started=started)
    if isinstance(step, _ToQuery):  # another request was quicker and is asking now
        raise Conflict("Another payment of this order is under way. Wait a minute.", code="payment_under_way")
    return step


def _prepare(
    order_id: int,
    gateway_name: str,
    payment_token: str | None,
    shopper: Shopper | None,
    phone: str | None,
    policy: PaymentConfig,
    asked: int | None = None,
) -> StartedPayment | _ToSend | _ToQuery:
    """What to do for a payment, with everything written that must be before it is done."""
    with transaction():
        order = lock_order(order_id)
        if not may_pay(order, shopper, payment_token):
            raise NotFound("There is no such order.", code="order_not_found")
        if asked is None:
            hit(f"payment:order:{order.id}", *PAYMENTS_PER_ORDER, message=TOO_OFTEN)
        if order.payment_status == PaymentStatus.PAID:
            return _begun(order, order.payment_method_code or "", _paid(order))
        refuse_unpayable(order)
        method = choose_payment_method(gateway_name)
        if method is None:
            raise InvalidInput.of("gateway_name", "must name a way to pay", code="payment_method_unknown")
        if order.total_cents == 0:
            change_payment_status(order, PaymentStatus.PAID, SHOPPER)
            return _begun(order, method.code, _paid(order))
        if order.payment_status == PaymentStatus.FAILED:
            change_payment_status(order, PaymentStatus.PENDING, SHOPPER)
        gateway = gateway_of(method, policy)
        wanted = _phone(order, phone) if isinstance(gateway, Mpesa) else None
        under_way = find_under_way(order.id)
        if under_way is not None:
            waits = _under_way(order, under_way, wanted, policy, asked)
            if waits is not None:
                return waits
        choose_method(order, method)
        if not isinstance(gateway, Mpesa):
            return _begun(order, method.code, gateway.start(_charge_request(order, method.config, order.order_number)))
        return _to_send(order, method, wanted or "", gateway, policy)


def refuse_unpayable(order: OrderRecord) -> None:
    """Raise Conflict for a locked order that can no longer be paid."""
    if order.status == OrderStatus.CANCELLED:
        raise Conflict("This order was cancelled. Place a new one.", code="order_cancelled")
    if order.payment_status == PaymentStatus.REFUNDED:
        raise Conflict("This order was refunded. Place a new one.", code="order_refunded")
    if order.pay_by is not None and order.pay_by <= clock.now():
        raise Conflict("The time to pay this order is over. Place a new one.", code="payment_time_over")


def choose_method(order: OrderRecord, method: PaymentOption) -> None:
    """Set the payment method of a locked order; another method restarts the time limit."""
    if order.payment_method_code == method.code:
        return
    order.payment_method_code, order.payment_method = method.code, method.name
    order.updated_at = clock.now()
    order.pay_by = pay_by(method, order.total_cents, clock.now())
    save_order(order)


def gateway_of(method: PaymentOption, policy: PaymentConfig) -> Gateway:
    """What a method's code stands for; M-Pesa without credentials, and a code of the shop's own, are paid by hand."""
    if method.code == "cod":
        return CashOnDelivery()
    secrets = find_secrets(method.code, policy.keys) if method.code == "mpesa" else None
    return Mpesa(connect(secrets, policy)) if secrets else ManualTransfer()


def _phone(order: OrderRecord, given: str | None) -> str:
    """The phone to ask, a Kenyan one in E.164: the one given, else that of the last try. Raises InvalidInput.

    Never the number in the customer's record: anyone can order with the customer's e-mail, and would learn it.
    """
    before = find_newest(order.id)
    typed = given or (before.phone if before else None)
    if not typed:
        raise InvalidInput.of("payment_data.phone", "must be the phone that is asked to pay", code="phone_needed")
    try:
        phone = normalize_phone(typed, "KE")
    except ValueError:
        phone = ""
    if not (phone.startswith(("+2547", "+2541")) and len(phone) == 13):
        raise InvalidInput.of("payment_data.phone", "must be a Kenyan mobile number such as 0712345678")
    if order.currency != "KES":
        raise InvalidInput.of("gateway_name", "takes Kenya shillings only", code="payment_currency")
    return phone


def _under_way(
    order: OrderRecord, attempt: PaymentAttempt, phone: str | None, policy: PaymentConfig, asked: int | None
) -> StartedPayment | _ToQuery | None:
    """What to say while an attempt is under way; None when it has been long enough, and another may be made.

    Within the first 90 seconds the customer is being asked. After that the provider is, as far as it knows the attempt.
    """
    age = clock.now() - attempt.created_at
    if age >= ASKED_FOR and (asked == attempt.id or attempt.provider_id is None):
        close_attempt(attempt, "lapsed", "", "Nothing was heard from M-Pesa. Try again.")
        return None
    if age >= ASKED_FOR and attempt.provider_id is not None:
        secrets = find_secrets(attempt.method_code, policy.keys)
        if secrets is not None:
            return _ToQuery(attempt.id, order.id, attempt.provider_id, Mpesa(connect(secrets, policy)))
        close_attempt(attempt, "lapsed", "", "Nothing was heard from M-Pesa. Try again.")
        return None
    if phone != attempt.phone:
        raise Conflict(
            "A phone is being asked to pay this order. Answer it there, or wait a minute.", code="payment_under_way"
        )
    charge = _charge_request(order, {}, attempt.reference, attempt.phone)
    return _begun(order, attempt.method_code, Started("waiting", attempt.reference, waiting_words(charge)))


def _to_send(order: OrderRecord, method: PaymentOption, phone: str, gateway: Mpesa, policy: PaymentConfig) -> _ToSend:
    who = hash_subject(policy.secret_key, f"payment:{phone}")
    hit(f"payment:phone:{who}", *PAYMENT_PROMPTS_PER_PHONE, message=TOO_OFTEN)
    amount = asked_cents(order.total_cents)
    attempt, token = open_attempt(order, method.code, amount, phone)
    charge = _charge_request(order, method.config, attempt.reference, phone, policy.callback_url + token)
    begun = _begun(
        order, method.code, Started("waiting", attempt.reference, format_amount(amount, order.currency)), amount
    )
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
    return Started("paid", order.order_number, "This order is paid.")


def _begun(order: OrderRecord, gateway: str, started: Started, amount_cents: int | None = None) -> StartedPayment:
    amount = order.total_cents if amount_cents is None else amount_cents
    return StartedPayment(order.id, order.order_number, gateway, amount, order.currency, order.pay_by, started)
