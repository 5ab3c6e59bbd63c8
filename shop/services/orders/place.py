"""A shopper's order: priced, discounted, paid with points, stock taken, messages queued; all in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shop.domain.codes import hash_secret, new_token
from shop.domain.points import LoyaltyRules, points_earned
from shop.extensions import db
from shop.models import Customer, Order, OrderAddress, OrderItem, OrderNote, PaymentMethod
from shop.services import clock, outbox
from shop.services.catalogue import CartLine, PricedLine, price_lines, take_stock
from shop.services.coupons import AppliedCoupon, apply_coupon, use_coupon
from shop.services.customers import find_or_create_customer
from shop.services.delivery import ShippingQuote, choose_payment, choose_shipping
from shop.services.loyalty.redeem import Redemption, redeem_points, work_out_discount
from shop.services.orders.find import get_order
from shop.services.orders.numbers import new_order_number
from shop.services.orders.totals import add_to_customer
from shop.services.payments.time import pay_by
from shop.services.settings import ShopSettings, get_settings
from shop.services.transaction import transaction


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """Where an order goes, or whom it is billed to."""

    type: str
    name: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Checkout:
    """All that a shopper sends. There is no price in it: prices come from the catalogue."""

    email: str
    lines: Sequence[CartLine]
    first_name: str = ""
    last_name: str = ""
    phone: str | None = None
    addresses: Sequence[PostalAddress] = field(default_factory=tuple)
    shipping_method_id: int | None = None
    payment_method: str | None = None
    coupon_code: str | None = None
    notes: str | None = None
    redemption: Redemption | None = None
    payment_token: str | None = None
    """256 random bits that the caller knows already; made here without."""


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """The order, what it will earn by its own rules, and the token by which a guest may ask for its payment."""

    order: Order
    points_to_earn: int
    payment_token: str


@dataclass(frozen=True, slots=True)
class _Sums:
    """The amounts of an order in cents (``points.md``: total = S + shipping + tax − discount)."""

    subtotal: int
    shipping: int
    coupon: int
    points: int

    @property
    def discount(self) -> int:
        return self.coupon + self.points

    @property
    def total(self) -> int:
        return self.subtotal + self.shipping - self.discount


def place_order(checkout: Checkout, *, notify: bool = True) -> PlacedOrder:
    """Make the order of a checkout, or refuse and change nothing at all.

    Raises InvalidInput for what cannot be (with the code of the rule it breaks), Conflict ``out_of_stock``. Without
    ``notify`` no confirmation is mailed.
    """
    with transaction():
        settings = get_settings()
        rules = settings.rules
        payment = choose_payment(checkout.payment_method)
        lines = price_lines(checkout.lines)
        subtotal = sum(line.total_cents for line in lines)
        shipping = choose_shipping(checkout.shipping_method_id, subtotal)
        code = (checkout.coupon_code or "").strip()
        coupon = apply_coupon(code, subtotal) if code else None
        customer = find_or_create_customer(
            checkout.email, first_name=checkout.first_name, last_name=checkout.last_name, phone=checkout.phone
        )
        take_stock(lines)
        if coupon:
            use_coupon(coupon.coupon)
        coupon_cents = coupon.discount_cents if coupon else 0
        wish = checkout.redemption
        points_cents = work_out_discount(wish, customer, subtotal, coupon_cents, rules) if wish else 0
        sums = _Sums(subtotal, shipping.cost_cents if shipping else 0, coupon_cents, points_cents)
        token = checkout.payment_token or new_token()
        order = _write(checkout, customer, sums, settings, rules, payment, shipping, coupon, token)
        _write_parts(order, checkout, lines)
        if wish:
            redeem_points(order, customer, wish, rules)
        add_to_customer(order)
        if notify:
            outbox.enqueue("order_placed", {"order_id": order.id}, recipient=customer.email)
        placed = get_order(order.id)
    return PlacedOrder(placed, points_earned(subtotal, rules) if rules.enabled else 0, token)


def _write(
    checkout: Checkout,
    customer: Customer,
    sums: _Sums,
    settings: ShopSettings,
    rules: LoyaltyRules,
    payment: PaymentMethod | None,
    shipping: ShippingQuote | None,
    coupon: AppliedCoupon | None,
    token: str,
) -> Order:
    now = clock.now()
    order = Order(
        order_number=new_order_number(now, settings.values["shop_timezone"]),
        customer_id=customer.id,
        status="pending",
        payment_status="pending",
        payment_method=payment.name if payment else None,
        payment_method_code=payment.code if payment else None,
        subtotal_cents=sums.subtotal,
        shipping_cents=sums.shipping,
        tax_cents=0,  # catalogue prices include it
        discount_cents=sums.discount,
        coupon_discount_cents=sums.coupon,
        points_discount_cents=sums.points,
        total_cents=sums.total,
        currency=settings.currency,
        coupon_id=coupon.coupon.id if coupon else None,
        coupon_code=coupon.coupon.code if coupon else None,
        shipping_method=shipping.method.name if shipping else None,
        points_redeemed=checkout.redemption.points if checkout.redemption else 0,
        loyalty_rules=rules.to_json(),
        source="storefront",
        payment_token_hash=hash_secret(token),
        order_date=now,
        pay_by=pay_by(payment, sums.total, now),
        created_at=now,
        updated_at=now,
    )
    db.session.add(order)
    db.session.flush()
    return order


def _write_parts(order: Order, checkout: Checkout, lines: Sequence[PricedLine]) -> None:
    for line in lines:
        db.session.add(
            OrderItem(
                order_id=order.id,
                product_id=line.product.id,
                variant_id=line.variant.id if line.variant else None,
                name=line.name[:200],
                sku=line.sku,
                quantity=line.quantity,
                price_cents=line.price_cents,
                took_stock=True,
            )
        )
    write_addresses(order, checkout.addresses)
    if checkout.notes and checkout.notes.strip():
        db.session.add(
            OrderNote(order_id=order.id, author="Customer", content=checkout.notes.strip(), created_at=order.created_at)
        )
    db.session.flush()


def write_addresses(order: Order, addresses: Sequence[PostalAddress]) -> None:
    """Keep addresses with an order, in the caller's transaction."""
    for address in addresses:
        db.session.add(
            OrderAddress(
                order_id=order.id,
                type=address.type,
                name=address.name,
                street=address.street,
                city=address.city,
                state=address.state,
                zip=address.zip,
                country=address.country,
            )
        )
