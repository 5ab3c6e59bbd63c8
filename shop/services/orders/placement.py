"""A shopper's order: priced, discounted, paid with points, stock taken, messages queued; all in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shop.db.transaction import transaction
from shop.domain.codes import hash_secret, new_token
from shop.domain.points import LoyaltyRules, points_earned
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.services import clock, outbox
from shop.services.catalogue.coupons import AppliedCoupon, apply_terms, use_coupon
from shop.services.catalogue.products import CartLine, price_lines
from shop.services.catalogue.shipping import ShippingQuote, WayToPay, choose_payment, choose_shipping
from shop.services.catalogue.stock import take_stock
from shop.services.customers.records import Person, find_or_create_customer
from shop.services.loyalty.redemption import Redemption, redeem_points, work_out_discount
from shop.services.orders.checkout_context import open_order
from shop.services.orders.customer_totals import add_to_customer
from shop.services.orders.lines import PostalAddress, write_addresses, write_lines, write_note
from shop.services.orders.numbers import draw_order_number
from shop.services.orders.repository import WholeOrder, add_order
from shop.services.payments.deadlines import pay_by
from shop.services.shops.settings import ShopSettings


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

    order: WholeOrder
    points_to_earn: int
    payment_token: str


@dataclass(frozen=True, slots=True)
class _Sums:
    """The amounts of an order in cents (``docs/contract/points.md``: total = S + shipping + tax − discount)."""

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


def place_order(checkout: Checkout, *, notify: bool = True, session_id: int | None = None) -> PlacedOrder:
    """Make the order of a checkout, or refuse and change nothing at all.

    Raises InvalidInput for what cannot be (with the code of the rule it breaks), Conflict ``out_of_stock``. Without
    ``notify`` no confirmation is mailed. The shopper's session with ``session_id`` may pay the order.
    """
    with transaction():
        code = (checkout.coupon_code or "").strip()
        shop = open_order(code)
        settings, rules = shop.settings, shop.settings.rules
        payment = choose_payment(checkout.payment_method, shop.ways)
        lines = price_lines(checkout.lines)
        subtotal = sum(line.total_cents for line in lines)
        shipping = choose_shipping(checkout.shipping_method_id, subtotal)
        coupon = apply_terms(shop.terms, subtotal) if code else None
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
        order = _write(checkout, customer, sums, settings, rules, payment, shipping, coupon, token, session_id)
        order.items = write_lines(order.id, lines)
        write_addresses(order.id, checkout.addresses)
        order.addresses = list(checkout.addresses)
        if checkout.notes and checkout.notes.strip():
            order.notes = [write_note(order.id, "Customer", checkout.notes.strip(), order.created_at)]
        if wish:
            redeem_points(order, customer, wish, rules)
        add_to_customer(order)
        if notify:
            outbox.enqueue("order_placed", {"order_id": order.id}, recipient=customer.email)
    return PlacedOrder(order, points_earned(subtotal, rules) if rules.enabled else 0, token)


def _write(
    checkout: Checkout,
    customer: Person,
    sums: _Sums,
    settings: ShopSettings,
    rules: LoyaltyRules,
    payment: WayToPay | None,
    shipping: ShippingQuote | None,
    coupon: AppliedCoupon | None,
    token: str,
    session_id: int | None,
) -> WholeOrder:
    now = clock.now()
    order = WholeOrder(
        id=0,
        order_number="",
        customer_id=customer.id,
        status=OrderStatus.PENDING,
        payment_status=PaymentStatus.PENDING,
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
        shopper_session_id=session_id,
        order_date=now,
        pay_by=pay_by(payment, sums.total, now),
        created_at=now,
        updated_at=now,
        customer=customer,
    )
    add_order(order, lambda: draw_order_number(now, settings.values["shop_timezone"]))
    return order
