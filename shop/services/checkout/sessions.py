"""Sessions of the embedded checkout, from opening to the order, identified by a short-lived token."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.db.upsert import purge_batch
from shop.domain.codes import hash_secret, hash_subject, new_token
from shop.domain.loyalty.points import LoyaltyRules, points_earned
from shop.domain.text.messages import N_
from shop.models import CheckoutSession
from shop.services import clock, rate_limits
from shop.services.app_config import app_config
from shop.services.catalogue.products.for_sale import CartLine, price_lines
from shop.services.errors import Conflict, NotAllowed, NotFound
from shop.services.orders.placement import Checkout, place_order
from shop.services.orders.repository import OrderRecord, get_order
from shop.services.payments.config import PaymentConfig
from shop.services.payments.start import PaymentState, StartedPayment, start_payment, with_attempt
from shop.services.shoppers.carts import remove_lines
from shop.services.shoppers.sessions import get_session
from shop.services.shops.settings import get_settings

LIFETIME = timedelta(hours=2)


class OriginNotAllowed(NotAllowed):
    """The embedding page's origin is not one that the shop allows."""

    code = "origin_not_allowed"


@dataclass(frozen=True, slots=True)
class OpenCheckout:
    """An open checkout. ``origin`` is that of the embedding page, empty without one."""

    id: int
    origin: str
    lines: tuple[CartLine, ...]
    order_id: int | None = None


@dataclass(frozen=True, slots=True)
class NewCheckout:
    """A new checkout with its token, which cannot be read again."""

    checkout: OpenCheckout
    token: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The order of a checkout, and the points it earns by its rules on ``award_trigger``."""

    order: OrderRecord
    points_to_earn: int
    award_trigger: str


def open_checkout(
    lines: Sequence[CartLine], origin: str, address: str, *, cart_session_id: int | None = None
) -> NewCheckout:
    """Open a checkout for a cart, embedded in a page of ``origin``; empty for a page of its own.

    It is valid for :data:`LIFETIME`. Raises OriginNotAllowed, InvalidInput for lines that cannot be bought, TooOften
    past the limit of ``address``, the client's network address. The order empties the cart of ``cart_session_id``, a
    shopper's session.
    """
    if origin and origin not in get_settings().allowed_origins:
        raise OriginNotAllowed("This shop does not show its checkout on that page.")
    price_lines(lines)
    token, now = new_token(), clock.now()
    with transaction() as session:
        rate_limits.hit(
            f"checkout-address:{hash_subject(app_config()['SECRET_KEY'], address)}",
            rate_limits.CHECKOUTS_OPENED_PER_ADDRESS,
            message=N_("Too many checkouts were opened from here. Try again later."),
        )
        row = CheckoutSession(
            token_hash=hash_secret(token),
            origin=origin,
            cart_session_id=cart_session_id,
            items=[[line.product_id, line.variant_id, line.quantity] for line in lines],
            created_at=now,
            expires_at=now + LIFETIME,
        )
        session.add(row)
        session.flush()
        return NewCheckout(_open(row), token)


def get_checkout(checkout_id: int, token: str) -> OpenCheckout:
    """Return a checkout for the holder of its token.

    Raises the same NotFound for an unknown or expired checkout and for a wrong token.
    """
    return _open(_find(checkout_id, token))


def place_checkout(
    checkout_id: int, token: str, checkout: Checkout, shown_cents: int, *, address: str | None = None
) -> Receipt:
    """Return the order of a checkout; the first call places it, whatever later calls contain.

    The checkout's row is locked, so that a double click, a retry and a second tab get the same order. Raises as
    :func:`get_checkout` and ``place_order``, and Conflict ``total_changed``, with nothing changed, if the total is not
    the one that was shown.
    """
    with transaction() as session:
        row = _find(checkout_id, token, lock=True)
        if row.order_id is None:
            order = place_order(replace(checkout, payment_token=_payment_token(token)), address=address).order
            if order.total_cents != shown_cents:
                raise Conflict("A price has changed. Check the new total before you order.", code="total_changed")
            row.order_id = order.id
            shopper = get_session(row.cart_session_id) if row.cart_session_id is not None else None
            if shopper is not None:
                remove_lines(shopper, checkout.lines)
            session.flush()
        return _receipt(row.order_id)


def get_receipt(checkout_id: int, token: str) -> Receipt:
    """Return the order of a checkout. Raises NotFound like :func:`get_checkout`, and before there is an order."""
    row = _find(checkout_id, token)
    if row.order_id is None:
        raise NotFound("Nothing was ordered yet.", code="order_not_found")
    return _receipt(row.order_id)


def begin_payment(checkout_id: int, token: str, gateway_name: str, phone: str, config: PaymentConfig) -> StartedPayment:
    """Start the payment of a checkout's order, or another attempt; ``phone`` is asked to pay if the method does that.

    Raises as :func:`get_receipt` and ``start_payment``.
    """
    order = get_receipt(checkout_id, token).order
    return start_payment(order.id, gateway_name, _payment_token(token), phone=phone or None, config=config)


def payment_of(receipt: Receipt) -> PaymentState:
    """Return the order of a checkout with its last payment attempt."""
    return with_attempt(receipt.order)


def _payment_token(token: str) -> str:
    """Return the order's payment token, derived from the checkout's token, so that a retry has it too."""
    return hash_secret(f"payment of the order of {token}")


def _receipt(order_id: int) -> Receipt:
    order = get_order(order_id)
    rules = LoyaltyRules.from_json(order.loyalty_rules)
    earns = points_earned(order.subtotal_cents, rules) if rules.enabled else 0
    return Receipt(order, earns, rules.award_trigger)


def _find(checkout_id: int, token: str, *, lock: bool = False) -> CheckoutSession:
    row = CheckoutSession
    statement = select(row).where(
        row.id == checkout_id, row.token_hash == hash_secret(token), row.expires_at > clock.now()
    )
    statement = statement.execution_options(populate_existing=True)
    found = db.session.scalars(statement.with_for_update() if lock else statement).first()
    if found is None:
        raise NotFound(
            "This checkout has expired. Go back to the shop and start again. Nothing was ordered.",
            code="checkout_closed",
        )
    return found


def _open(row: CheckoutSession) -> OpenCheckout:
    lines = tuple(CartLine(product, quantity, variant) for product, variant, quantity in row.items)
    return OpenCheckout(row.id, row.origin, lines, row.order_id)


def purge_checkouts() -> int:
    """Delete the expired checkouts of the session's shops; return how many."""
    return purge_batch(CheckoutSession, CheckoutSession.expires_at < clock.now())
