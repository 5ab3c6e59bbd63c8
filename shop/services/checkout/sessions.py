"""The embedded checkout, from its opening to its one order. A short-lived token stands in for a cookie."""

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
from shop.services.catalogue.products import CartLine, price_lines
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
    """The page that wants to embed the checkout is not of an origin that the shop allows."""

    code = "origin_not_allowed"


@dataclass(frozen=True, slots=True)
class OpenCheckout:
    """A checkout in progress. ``origin`` is that of the page around it, empty without one."""

    id: int
    origin: str
    lines: tuple[CartLine, ...]
    order_id: int | None = None


@dataclass(frozen=True, slots=True)
class NewCheckout:
    """A checkout just opened, with the token that is shown this once."""

    checkout: OpenCheckout
    token: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The order of a checkout, and what it will earn by its own rules when ``award_trigger`` comes."""

    order: OrderRecord
    points_to_earn: int
    award_trigger: str


def open_checkout(
    lines: Sequence[CartLine], origin: str, address: str, *, cart_session_id: int | None = None
) -> NewCheckout:
    """Open a checkout for a cart, embedded in a page of ``origin`` or, with an empty one, as a page of its own.

    It is valid for :data:`LIFETIME`. Raise OriginNotAllowed, InvalidInput for lines that cannot be bought, TooOften
    past the limit of ``address``, the client's network address. ``cart_session_id`` is the shopper's session whose cart
    the order will empty.
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
    """The checkout with an id, for the holder of its token.

    Raises one and the same NotFound for an unknown or expired one, and for the token of another.
    """
    return _open(_find(checkout_id, token))


def place_checkout(
    checkout_id: int, token: str, checkout: Checkout, shown_cents: int, *, address: str | None = None
) -> Receipt:
    """The order of a checkout: placed the first time, however often and with whatever it is asked for after.

    The checkout's row is locked meanwhile, so that a double click, a retry and a second tab all get the same order.
    Raises what :func:`get_checkout` and ``place_order`` raise, and Conflict ``total_changed`` when it comes to another
    total than the one that was shown; then nothing was changed.
    """
    with transaction() as session:
        row = _find(checkout_id, token, lock=True)
        if row.order_id is None:
            order = place_order(replace(checkout, payment_token=_payment_token(token)), address=address).order
            if order.total_cents != shown_cents:
                raise Conflict(
                    "A price has changed meanwhile. Look at the new sum before you order.", code="total_changed"
                )
            row.order_id = order.id
            shopper = get_session(row.cart_session_id) if row.cart_session_id is not None else None
            if shopper is not None:
                remove_lines(shopper, checkout.lines)
            session.flush()
        return _receipt(row.order_id)


def get_receipt(checkout_id: int, token: str) -> Receipt:
    """The order of a checkout as it stands. Raises NotFound like :func:`get_checkout`, and before there is an order."""
    row = _find(checkout_id, token)
    if row.order_id is None:
        raise NotFound("Nothing was ordered yet.", code="order_not_found")
    return _receipt(row.order_id)


def begin_payment(checkout_id: int, token: str, gateway_name: str, phone: str, config: PaymentConfig) -> StartedPayment:
    """Begin the payment of a checkout's order, or begin it again by the same or another way; ``phone`` may be asked.

    Raises what :func:`get_receipt` and ``start_payment`` raise.
    """
    order = get_receipt(checkout_id, token).order
    return start_payment(order.id, gateway_name, _payment_token(token), phone=phone or None, config=config)


def payment_of(receipt: Receipt) -> PaymentState:
    """The order of a checkout with the last attempt to pay it."""
    return with_attempt(receipt.order)


def _payment_token(token: str) -> str:
    """What opens the order's payment: worked out from the checkout's token, so that a retry knows it too."""
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
            "This checkout is not open any more. Go back to the shop and start again; nothing was ordered.",
            code="checkout_closed",
        )
    return found


def _open(row: CheckoutSession) -> OpenCheckout:
    lines = tuple(CartLine(product, quantity, variant) for product, variant, quantity in row.items)
    return OpenCheckout(row.id, row.origin, lines, row.order_id)


def purge_checkouts() -> int:
    """Delete the checkouts of the session's shops whose time is over; how many there were."""
    return purge_batch(CheckoutSession, CheckoutSession.expires_at < clock.now())
