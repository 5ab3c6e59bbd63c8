"""A payment begun for an order, by whoever holds the order's payment token.

No transaction is open while a provider is asked: what is to be done is written first, and what came of it afterwards.
"""

from dataclasses import dataclass
from datetime import datetime

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
from shop.services.payments.config import PaymentPolicy
from shop.services.payments.credentials import open_secrets
from shop.services.payments.provider_calls import ask_again, send
from shop.services.payments.providers.base import Due, Gateway, Started, spoken
from shop.services.payments.providers.manual import ByHand, CashOnDelivery
from shop.services.payments.providers.mpesa import Mpesa, asked_cents, waiting_words
from shop.services.payments.providers.registry import connect
from shop.services.rate_limits import PAYMENT_PROMPTS_PER_PHONE, PAYMENTS_PER_ORDER, hit

TOO_OFTEN = "Too many tries to pay. Wait a little before the next one."


@dataclass(frozen=True, slots=True)
class Begun:
    """A payment that was begun, with the order it is for as it stands then."""

    order_id: int
    order_number: str
    gateway: str
    amount_cents: int
    currency: str
    pay_by: datetime | None
    started: Started


@dataclass(frozen=True, slots=True)
class PaymentState:
    """An order for whoever holds its payment token, and the last attempt to pay it, if there was one."""

    order: OrderRecord
    attempt: PaymentAttempt | None


@dataclass(frozen=True, slots=True)
class _ToSend:
    """An attempt that was written and is to be sent now."""

    attempt_id: int
    gateway: Mpesa
    due: Due
    begun: Begun


@dataclass(frozen=True, slots=True)
class _ToAsk:
    """An attempt that is under way for so long that its provider is asked before another one is made."""

    attempt_id: int
    order_id: int
    provider_id: str
    gateway: Mpesa


def with_attempt(order: OrderRecord) -> PaymentState:
    """An order with the last attempt to pay it."""
    return PaymentState(order, find_newest(order.id))


def process_payment(
    order_id: int,
    gateway_name: str,
    payment_token: str | None,
    *,
    shopper: Shopper | None = None,
    phone: str | None = None,
    policy: PaymentPolicy,
) -> Begun:
    """Begin the payment of an order by a way to pay, for who may pay it: see ``may_pay``.

    Asking again while the customer is being asked says the same again. Another way than the order was placed with
    becomes the order's, with its time limit. ``phone`` is asked to pay; without one, that of the last try. Raises
    NotFound alike for an unknown order and a wrong token, InvalidInput for a way the shop does not offer or a phone
    that cannot be asked, Conflict for an order that cannot be paid any more, TooOften, and Unavailable when the
    provider is away.
    """
    step = _prepare(order_id, gateway_name, payment_token, shopper, phone, policy)
    if isinstance(step, _ToAsk):
        ask_again(step.attempt_id, step.order_id, step.provider_id, step.gateway)
        step = _prepare(order_id, gateway_name, payment_token, shopper, phone, policy, asked=step.attempt_id)
    if isinstance(step, _ToSend):
        started = send(step.attempt_id, step.gateway, step.due)
        return Begun(**{name: getattr(step.begun, name) for name in Begun.__slots__} | {"started": started})
    if isinstance(step, _ToAsk):  # another request was quicker and is asking now
        raise Conflict("Another payment of this order is under way. Wait a minute.", code="payment_under_way")
    return step


def _prepare(
    order_id: int,
    gateway_name: str,
    payment_token: str | None,
    shopper: Shopper | None,
    phone: str | None,
    policy: PaymentPolicy,
    asked: int | None = None,
) -> Begun | _ToSend | _ToAsk:
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
        gateway = gateway_of(method, policy)
        wanted = _phone(order, phone) if isinstance(gateway, Mpesa) else None
        under_way = find_under_way(order.id)
        if under_way is not None:
            waits = _under_way(order, under_way, wanted, policy, asked)
            if waits is not None:
                return waits
        choose_method(order, method)
        if not isinstance(gateway, Mpesa):
            return _begun(order, method.code, gateway.start(_due(order, method, order.order_number)))
        return _to_send(order, method, wanted or "", gateway, policy)


def refuse_unpayable(order: OrderRecord) -> None:
    """Conflict for a locked order that nobody should pay any more."""
    if order.status == OrderStatus.CANCELLED:
        raise Conflict("This order was cancelled. Place a new one.", code="order_cancelled")
    if order.payment_status == PaymentStatus.REFUNDED:
        raise Conflict("This order was refunded. Place a new one.", code="order_refunded")
    if order.pay_by is not None and order.pay_by <= clock.now():
        raise Conflict("The time to pay this order is over. Place a new one.", code="payment_time_over")


def choose_method(order: OrderRecord, method: PaymentOption) -> None:
    """Let a locked order be paid by a method from now on; with another one its time limit begins anew."""
    if order.payment_method_code == method.code:
        return
    order.payment_method_code, order.payment_method = method.code, method.name
    order.updated_at = clock.now()
    order.pay_by = pay_by(method, order.total_cents, clock.now())
    save_order(order)


def gateway_of(method: PaymentOption, policy: PaymentPolicy) -> Gateway:
    """What a method's code stands for; M-Pesa without credentials, and a code of the shop's own, are paid by hand."""
    if method.code == "cod":
        return CashOnDelivery()
    secrets = open_secrets(method.code, policy.keys) if method.code == "mpesa" else None
    return Mpesa(connect(secrets, policy)) if secrets else ByHand()


def _phone(order: OrderRecord, given: str | None) -> str:
    """The phone to ask, a Kenyan one in E.164: the one given, else that of the last try. Raises InvalidInput.

    Never the customer's own as we know it: whoever orders in her name could let it ring, and would be told it.
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
    order: OrderRecord, attempt: PaymentAttempt, phone: str | None, policy: PaymentPolicy, asked: int | None
) -> Begun | _ToAsk | None:
    """What to say while an attempt is under way; None when it has been long enough, and another may be made.

    Within the first 90 seconds the customer is being asked. After that the provider is, as far as it knows the attempt.
    """
    age = clock.now() - attempt.created_at
    if age >= ASKED_FOR and (asked == attempt.id or attempt.provider_id is None):
        close_attempt(attempt, "lapsed", "", "Nothing was heard from M-Pesa. Try again.")
        return None
    if age >= ASKED_FOR and attempt.provider_id is not None:
        secrets = open_secrets(attempt.method_code, policy.keys)
        if secrets is not None:
            return _ToAsk(attempt.id, order.id, attempt.provider_id, Mpesa(connect(secrets, policy)))
        close_attempt(attempt, "lapsed", "", "Nothing was heard from M-Pesa. Try again.")
        return None
    if phone != attempt.phone:
        raise Conflict(
            "A phone is being asked to pay this order. Answer it there, or wait a minute.", code="payment_under_way"
        )
    due = Due(order.id, order.order_number, order.total_cents, order.currency, {}, attempt.reference, attempt.phone)
    return _begun(order, attempt.method_code, Started("waiting", attempt.reference, waiting_words(due)))


def _to_send(order: OrderRecord, method: PaymentOption, phone: str, gateway: Mpesa, policy: PaymentPolicy) -> _ToSend:
    who = hash_subject(policy.secret_key, f"payment:{phone}")
    hit(f"payment:phone:{who}", *PAYMENT_PROMPTS_PER_PHONE, message=TOO_OFTEN)
    amount = asked_cents(order.total_cents)
    attempt, token = open_attempt(order, method.code, amount, phone)
    due = _due(order, method, attempt.reference, phone, policy.callback_url + token)
    begun = _begun(order, method.code, Started("waiting", attempt.reference, spoken(amount, order.currency)), amount)
    return _ToSend(attempt.id, gateway, due, begun)


def _due(
    order: OrderRecord, method: PaymentOption, reference: str, phone: str | None = None, callback_url: str = ""
) -> Due:
    config = {name: str(value) for name, value in method.config.items()}
    return Due(order.id, order.order_number, order.total_cents, order.currency, config, reference, phone, callback_url)


def _paid(order: OrderRecord) -> Started:
    return Started("paid", order.order_number, "This order is paid.")


def _begun(order: OrderRecord, gateway: str, started: Started, amount_cents: int | None = None) -> Begun:
    amount = order.total_cents if amount_cents is None else amount_cents
    return Begun(order.id, order.order_number, gateway, amount, order.currency, order.pay_by, started)
