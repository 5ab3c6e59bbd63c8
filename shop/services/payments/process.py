"""A payment begun for an order, by whoever holds the order's payment token."""

from dataclasses import dataclass
from datetime import datetime

from shop.domain.codes import hash_secret, same
from shop.models import Order, PaymentMethod
from shop.services import clock
from shop.services.actors import SHOPPER
from shop.services.delivery import choose_payment
from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.orders.find import lock_order
from shop.services.orders.status import set_payment_status
from shop.services.payments.by_hand import ByHand, CashOnDelivery
from shop.services.payments.gateway import Due, Gateway, Started
from shop.services.payments.time import pay_by
from shop.services.rate_windows import Limit, hit
from shop.services.transaction import transaction

PER_ORDER = (Limit(10, 900), Limit(30, 86400))
"""How often a payment may be begun for one order."""


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


def process_payment(order_id: int, gateway_name: str, payment_token: str | None) -> Begun:
    """Begin the payment of an order by a way to pay, for the holder of its payment token.

    Asking again says the same again. Another way than the order was placed with becomes the order's, with its time
    limit. Raises NotFound alike for an unknown order and a wrong token, InvalidInput for a way the shop does not offer,
    Conflict for an order that cannot be paid any more, TooOften.
    """
    with transaction():
        order = _order_of_guest(order_id, payment_token)
        hit(f"payment:order:{order.id}", *PER_ORDER, message="Too many tries to pay this order. Wait a little.")
        if order.payment_status == "paid":
            return _begun(order, order.payment_method_code or "", _paid(order))
        refuse_unpayable(order)
        method = choose_payment(gateway_name)
        if method is None:
            raise InvalidInput.of("gateway_name", "must name a way to pay", code="payment_method_unknown")
        if order.total_cents == 0:
            set_payment_status(order.id, "paid", SHOPPER)
            return _begun(order, method.code, _paid(order))
        choose_method(order, method)
        due = Due(order.id, order.order_number, order.total_cents, order.currency, dict(method.config))
        return _begun(order, method.code, gateway_of(method).start(due))


def _order_of_guest(order_id: int, payment_token: str | None) -> Order:
    """The order, locked. NotFound alike for a wrong token."""
    order = lock_order(order_id)
    if not payment_token or not same(hash_secret(payment_token), order.payment_token_hash or ""):
        raise NotFound("There is no such order.", code="order_not_found")
    return order


def refuse_unpayable(order: Order) -> None:
    """Conflict for a locked order that nobody should pay any more."""
    if order.status == "cancelled":
        raise Conflict("This order was cancelled. Place a new one.", code="order_cancelled")
    if order.payment_status == "refunded":
        raise Conflict("This order was refunded. Place a new one.", code="order_refunded")
    if order.pay_by is not None and order.pay_by <= clock.now():
        raise Conflict("The time to pay this order is over. Place a new one.", code="payment_time_over")


def choose_method(order: Order, method: PaymentMethod) -> None:
    """Let a locked order be paid by a method from now on; with another one its time limit begins anew."""
    if order.payment_method_code == method.code:
        return
    order.payment_method_code, order.payment_method = method.code, method.name
    order.updated_at = clock.now()
    order.pay_by = pay_by(method, order.total_cents, clock.now())


def gateway_of(method: PaymentMethod) -> Gateway:
    """What a method's code stands for; a code that is the shop's own invention is paid by hand."""
    return CashOnDelivery() if method.code == "cod" else ByHand()


def _paid(order: Order) -> Started:
    return Started("paid", order.order_number, "This order is paid.")


def _begun(order: Order, gateway: str, started: Started) -> Begun:
    return Begun(order.id, order.order_number, gateway, order.total_cents, order.currency, order.pay_by, started)
