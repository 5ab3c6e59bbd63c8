"""Records for tests, created by the services.

All work on the shop of the session: inside the ``ctx`` fixture, or through ``inside(factories.make_…)``.
"""

import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import InvalidRequestError

from shop.db.session import db
from shop.db.tenant import all_tenants, current_shop_id, use_shop
from shop.db.transaction import transaction
from shop.domain.codes import hash_secret
from shop.models import (
    CallbackRegistration,
    Coupon,
    Customer,
    Order,
    PaymentMethod,
    Product,
    ProviderRequest,
    ShippingMethod,
    Variant,
)
from shop.services import clock
from shop.services.actors import Actor
from shop.services.catalogue.payment_methods import add_payment_method
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.catalogue.products.records import add_product
from shop.services.catalogue.products.variants import add_variant
from shop.services.catalogue.shipping import add_shipping_method
from shop.services.coupons.records import add_coupon
from shop.services.customers.records import create_customer, get_customer
from shop.services.loyalty.adjustments import adjust_points
from shop.services.loyalty.redemption import RedemptionRequest
from shop.services.loyalty.redemption_tokens import issue_token
from shop.services.orders.placement import Checkout, PlacedOrder, place_order
from shop.services.orders.recording import ExternalLine, ExternalOrder, record_order
from shop.services.orders.repository import lock_order
from shop.services.payments.attempts import close_attempt, open_attempt
from shop.services.shoppers.sessions import begin_session
from shop.services.shops.shops import create_shop
from shop.services.staff.accounts import StaffMember, create_staff, find_member
from shop.services.staff.api_keys import NewApiKey, create_api_key
from shop.services.staff.roles import save_role

TESTER = Actor("system", None, "Tester")
PASSWORD = "maziwa-na-chai-7"


@dataclass(frozen=True, slots=True)
class ShopAtHand:
    """A shop with its slug and host."""

    id: int
    slug: str
    name: str
    host: str

    @property
    def url(self) -> str:
        """The shop's URL for a browser."""
        return f"http://{self.host}"


shops_of_test: list[int] = []
"""The ids of the shops that this test has made."""
LETTERS = str.maketrans("0123456789", "ghijkmnpqr")


def unique(word: str = "x") -> str:
    """Return a word that no other test uses; without digits, so that it contains no phone number."""
    return f"{word}-{secrets.token_hex(6).translate(LETTERS)}"


def unique_phone() -> str:
    """Return a Kenyan mobile number that hardly any other test uses."""
    return f"0733{secrets.randbelow(10**6):06}"


def make_shop(name: str = "Duka la Majaribio", *, loyalty: bool = True, **settings: str) -> ShopAtHand:
    """Create a shop with its own host and slug; the session works for it from here on."""
    slug = unique("shop")
    host = f"{slug}.example.test"
    switched = {"loyalty_points_enabled": "true" if loyalty else "false"}
    made = create_shop(name, slug=slug, hosts=[host], **(switched | settings))
    shops_of_test.append(made.id)
    _read_again()
    use_shop(made.id)
    return ShopAtHand(made.id, made.slug, made.name, host)


def _read_again() -> None:
    """Keep a test's objects readable after the session forgets them."""
    with all_tenants():
        for row in list(db.session):
            with suppress(InvalidRequestError):  # deleted since
                db.session.refresh(row)


def make_api_key(name: str = "Tests", *, rate_limit_per_minute: int = 10_000, **rest: Any) -> NewApiKey:
    """Create an API key that may read and write, 10,000 times a minute."""
    return create_api_key(name, rate_limit_per_minute=rate_limit_per_minute, **rest)


def make_staff(
    email: str | None = None, *, role: str = "owner", password: str = PASSWORD, permissions: Iterable[str] | None = None
) -> StaffMember:
    """Add a staff member who signs in with :data:`PASSWORD`; with ``permissions``, in their own role."""
    role_id = None if permissions is None else save_role(None, unique("Role "), permissions, TESTER).id
    role = role if role_id is None else "clerk"
    user = create_staff(
        email or f"{unique('staff')}@example.com", password, name="Njeri Kamau", role=role, role_id=role_id
    )
    member = find_member(user.id, current_shop_id())
    assert member is not None
    return member


def make_customer(email: str | None = None, *, points: int = 0, **details: Any) -> Customer:
    """Create a customer, optionally with adjusted points."""
    customer = create_customer(email or f"{unique('jane')}@example.com", **details)
    if points:
        adjust_points(customer.id, points, "for a test", TESTER)
    return customer


def make_product(
    name: str = "Maziwa ya Mala 500 ml", price_cents: int = 1000, *, stock: int | None = None, **rest: Any
) -> Product:
    """Create a product for sale; ``stock`` None means that it is not counted."""
    with transaction():
        return add_product(name, price_cents, slug=unique("product"), stock_quantity=stock, **rest)


def make_variant(product: Product, name: str = "1 l", price_cents: int = 1800, *, stock: int | None = None) -> Variant:
    """Create a variant of a product."""
    with transaction():
        return add_variant(product, name, price_cents, stock_quantity=stock)


def make_coupon(code: str = "WELCOME10", type: str = "percentage", value: int = 1000, **rest: Any) -> Coupon:
    """Create a coupon: ``value`` is hundredths of a per cent, or cents, by ``type``."""
    with transaction():
        return add_coupon(code, type, value, **rest)


def make_shipping(name: str = "Rider", cost_cents: int = 20000, **rest: Any) -> ShippingMethod:
    """Create a delivery method."""
    with transaction():
        return add_shipping_method(name, cost_cents, **rest)


def make_payment(code: str = "mpesa", name: str = "M-Pesa", **rest: Any) -> PaymentMethod:
    """Create a payment method."""
    with transaction():
        return add_payment_method(code, name, **rest)


def make_token(customer_id: int, minutes: int = 30) -> str:
    """Create a redemption token, as after a verified code."""
    with transaction():
        return issue_token(customer_id, minutes)


def place(
    customer: Customer, lines: Sequence[tuple[Product, int]], *, points: int = 0, token: str | None = None, **rest: Any
) -> PlacedOrder:
    """Place an order, by default as a guest; ``points`` are redeemed (with a new token unless one is given)."""
    request = RedemptionRequest(token or make_token(customer.id), points) if points else None
    cart = [CartLine(product.id, quantity) for product, quantity in lines]
    shopper = rest.pop("shopper", None)
    return place_order(Checkout(email=customer.email, lines=cart, redemption=request, **rest), shopper=shopper)


def make_attempt(order_id: int, phone: str = "+254712345678") -> str:
    """Create a failed payment attempt; return the secret of its callback URL."""
    with transaction():
        order = lock_order(order_id)
        attempt, token = open_attempt(order, "mpesa", order.total_cents, phone)
        close_attempt(attempt, "failed", "1037", "The phone could not be reached.")
    return token


def make_payment_address() -> str:
    """Register an address for confirmations of payments; return the secret in it."""
    token = secrets.token_hex(32)
    with transaction() as session:
        row = CallbackRegistration(
            short_code="600210",
            token_hash=hash_secret(token),
            response_type="Completed",
            state="registered",
            requested_by=TESTER.label,
            created_at=clock.now(),
        )
        session.add(row)
    return token


def make_provider_request() -> str:
    """Create a request about a transaction; return the secret in the address of its result."""
    token, now = secrets.token_hex(32), clock.now()
    with transaction() as session:
        fields = {"reference": "SGH7X2K9QP", "requested_by": TESTER.label, "created_at": now, "updated_at": now}
        session.add(ProviderRequest(kind="status", token_hash=hash_secret(token), state="accepted", **fields))
    return token


def make_order(customer: Customer, subtotal_cents: int = 240000, **rest: Any) -> Order:
    """Record an order with one line that makes up the subtotal."""
    line = ExternalLine(quantity=1, name="Groceries", price_cents=subtotal_cents)
    return record_order(ExternalOrder(lines=[line], customer_id=customer.id, **rest), TESTER)


def make_session(customer_id: int) -> str:
    """Create a session of a customer; return its token."""
    with transaction():
        return begin_session(None, customer_id=customer_id)[1]


def reload(customer: Customer) -> Customer:
    """Return the customer as currently stored."""
    with transaction():
        return get_customer(customer.id)


def stock_of(product: Product) -> int | None:
    """Return the current stock of a product."""
    return db.session.scalars(select(Product.stock_quantity).where(Product.id == product.id)).one()
