"""Place an order: prices, discounts, points, stock and messages in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shop.db.transaction import transaction
from shop.domain.codes import hash_secret, new_token
from shop.domain.loyalty.points import LoyaltyRules, points_earned
from shop.domain.pricing.coupons import AppliedCoupon
from shop.domain.pricing.shipping import Destination
from shop.domain.pricing.taxes import NO_TAXES, Taxes
from shop.domain.statuses import MovementKind, OrderStatus, PaymentStatus
from shop.services import clock
from shop.services.actors import SHOPPER, Shopper
from shop.services.catalogue.coupons import apply_terms, use_coupon
from shop.services.catalogue.payment_methods import PaymentOption, choose_payment_method
from shop.services.catalogue.products.for_sale import CartLine, PricedLine, price_lines
from shop.services.catalogue.shipping import ShippingQuote, choose_shipping
from shop.services.catalogue.stock import take_stock, write_movements
from shop.services.customers.records import Contact, Person, find_or_create_by_contact, read_contact
from shop.services.errors import InvalidInput
from shop.services.loyalty.redemption import RedemptionRequest, calculate_discount, redeem_points
from shop.services.orders import customer_totals
from shop.services.orders.events import record_placed
from shop.services.orders.lifecycle import change_payment_status
from shop.services.orders.limits import count_order
from shop.services.orders.numbers import draw_order_number
from shop.services.orders.payment_deadline import confirm_by, pay_by
from shop.services.orders.pricing.checkout_context import CheckoutContext, load_checkout_context
from shop.services.orders.pricing.lines import PostalAddress, write_addresses, write_lines, write_note
from shop.services.orders.pricing.taxes import TaxedDelivery, tax_order, write_taxes
from shop.services.orders.repository import OrderRecord, add_order
from shop.services.shops.settings import ShopSettings
from shop.services.taxes.rules import load_tax_rules


@dataclass(frozen=True, slots=True)
class Checkout:
    """A customer's order. It has no prices: these come from the catalogue."""

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
    phone_note: str = ""
    """Added to the notes if ``phone`` is not the customer's: a known customer's record is not changed."""
    redemption: RedemptionRequest | None = None
    payment_token: str | None = None
    """256 random bits chosen by the caller; None to generate them."""


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """The order, the points it will earn, and the token with which a guest may pay it.

    ``contact`` is what the request said about its customer. The stored details in ``order.customer`` must not be
    returned: the person placing the order is not verified.
    """

    order: OrderRecord
    contact: Contact
    points_to_earn: int
    payment_token: str


@dataclass(slots=True)
class _Amounts:
    """A checkout's choices with their prices in minor units (``docs/contract/points.md``)."""

    lines: list[PricedLine]
    payment: PaymentOption | None
    shipping: ShippingQuote | None
    coupon: AppliedCoupon | None
    points_cents: int = 0
    taxes: Taxes = NO_TAXES
    subtotal_cents: int = field(init=False)

    def __post_init__(self) -> None:
        self.subtotal_cents = sum(line.total_cents for line in self.lines)

    @property
    def shipping_cents(self) -> int:
        return self.shipping.cost_cents - self.shipping_discount_cents if self.shipping else 0

    @property
    def shipping_discount_cents(self) -> int:
        return self.coupon.shipping_discount(self.shipping.cost_cents) if self.coupon and self.shipping else 0

    @property
    def coupon_cents(self) -> int:
        return self.coupon.discount_cents if self.coupon else 0

    @property
    def total_cents(self) -> int:
        prices = self.subtotal_cents + self.shipping_cents + self.taxes.added_cents
        return prices - self.coupon_cents - self.points_cents


def place_order(
    checkout: Checkout, *, notify: bool = True, shopper: Shopper | None = None, address: str | None = None
) -> PlacedOrder:
    """Place the order of a checkout, or raise and change nothing. An order that costs nothing is paid at once.

    Raises InvalidInput with the code of the broken rule, Conflict ``out_of_stock``, TooOften past the limit of
    ``address``, the client's network address. Without ``notify`` no confirmation is mailed. The session of ``shopper``
    may pay the order.
    """
    with transaction():
        context = load_checkout_context(checkout.coupon_code or "")
        rules, token = context.settings.rules, checkout.payment_token or new_token()
        amounts = _price(checkout, context)
        contact = read_contact(checkout.email, checkout.first_name, checkout.last_name, checkout.phone)
        customer = find_or_create_by_contact(contact)
        taken = take_stock(amounts.lines)
        if amounts.coupon:
            use_coupon(amounts.coupon.coupon, customer)
        request = checkout.redemption
        if request:
            amounts.points_cents = _points(request, amounts, customer, rules)
        amounts.taxes = _taxes(amounts, context.settings)
        order = _new_order(checkout, amounts, customer, context.settings)
        if amounts.total_cents:
            _limit_unpaid(order, amounts, context.settings, is_guest=shopper is None or shopper.customer_id is None)
        order.payment_token_hash, order.shopper_session_id = hash_secret(token), shopper.session_id if shopper else None
        add_order(order, lambda: draw_order_number(order.order_date, context.settings.values["shop_timezone"]))
        _write_children(order, checkout, amounts)
        _write_note(order, checkout, is_own_phone=contact.phone == customer.phone)
        placed = record_placed(order, SHOPPER)
        write_movements(taken, MovementKind.SALE, SHOPPER, order_id=order.id)
        if request:
            redeem_points(order, customer, request, rules)
        customer_totals.apply(order)
        if order.total_cents == 0:
            change_payment_status(order, PaymentStatus.PAID, SHOPPER)
        placed.notify(count_order(address, contact.email if notify else None))
    points = points_earned(order.subtotal_cents, rules) if rules.enabled else 0
    return PlacedOrder(order, contact, points, token)


def _price(checkout: Checkout, context: CheckoutContext) -> _Amounts:
    payment = choose_payment_method(checkout.payment_method, context.payment_methods)
    amounts = _Amounts(price_lines(checkout.lines), payment, None, None)
    settings = context.settings
    amounts.shipping = choose_shipping(
        checkout.shipping_method_id,
        amounts.lines,
        _destination(checkout, settings),
        settings.values["delivery_without_method"],
    )
    if checkout.coupon_code and checkout.coupon_code.strip():
        amounts.coupon = apply_terms(context.terms, amounts.lines, settings.currency)
    return amounts


def _points(request: RedemptionRequest, amounts: _Amounts, customer: Person, rules: LoyaltyRules) -> int:
    """Return the discount of the points. Raises InvalidInput ``coupon_excludes_points`` with such a coupon."""
    if amounts.coupon and not amounts.coupon.coupon.combines_with_points:
        raise InvalidInput.of(
            "loyalty_redemption.points", "cannot be used together with this coupon", code="coupon_excludes_points"
        )
    return calculate_discount(request, customer, amounts.subtotal_cents, amounts.coupon_cents, rules)


def _taxes(amounts: _Amounts, settings: ShopSettings) -> Taxes:
    delivery = TaxedDelivery(amounts.shipping.method.tax_class if amounts.shipping else "", amounts.shipping_cents)
    rules = load_tax_rules(settings, clock.now())
    unit = settings.rules.unit_cents
    return tax_order(amounts.lines, amounts.coupon, amounts.points_cents, delivery, rules, unit)


def _destination(checkout: Checkout, settings: ShopSettings) -> Destination | None:
    """Return the destination, in the shop's country if the address has none; None without an address."""
    for address in checkout.addresses:
        if address.type == "shipping":
            country = address.country.strip() or settings.country
            return Destination(country, address.state, address.city, address.street)
    return None


def _limit_unpaid(order: OrderRecord, amounts: _Amounts, settings: ShopSettings, *, is_guest: bool) -> None:
    """Limit an unpaid order's stock and its time."""
    if is_guest:
        _check_quantities(amounts.lines, int(settings.values["guest_max_quantity"]))
    hours = int(settings.values["unconfirmed_order_hours"])
    order.confirm_by = confirm_by(amounts.payment, is_guest, hours, order.order_date)


def _check_quantities(lines: Sequence[PricedLine], most: int) -> None:
    """Raise InvalidInput ``quantity_limit`` if an unpaid order has more than ``most`` pieces of an article."""
    counts: dict[tuple[int, int | None], int] = {}
    for number, line in enumerate(lines):
        key = (line.product.id, line.variant.id if line.variant else None)
        counts[key] = counts.get(key, 0) + line.quantity
        if counts[key] > most:
            raise InvalidInput.of(
                f"items[{number}].quantity",
                "must be at most %(limit)s for one product without an account",
                code="quantity_limit",
                limit=most,
            )


def _new_order(checkout: Checkout, amounts: _Amounts, customer: Person, settings: ShopSettings) -> OrderRecord:
    now, payment, shipping = clock.now(), amounts.payment, amounts.shipping
    coupon = amounts.coupon.coupon if amounts.coupon else None
    return OrderRecord(
        customer=customer,
        customer_id=customer.id,
        status=OrderStatus.PENDING,
        payment_status=PaymentStatus.PENDING,
        payment_method=payment.name if payment else None,
        payment_method_code=payment.code if payment else None,
        subtotal_cents=amounts.subtotal_cents,
        shipping_cents=amounts.shipping_cents,
        tax_cents=amounts.taxes.added_cents,
        discount_cents=amounts.coupon_cents + amounts.points_cents,
        coupon_discount_cents=amounts.coupon_cents,
        points_discount_cents=amounts.points_cents,
        shipping_discount_cents=amounts.shipping_discount_cents,
        total_cents=amounts.total_cents,
        currency=settings.currency,
        coupon_id=coupon.id if coupon else None,
        coupon_code=coupon.code if coupon else None,
        shipping_method=shipping.method.name if shipping else None,
        points_redeemed=checkout.redemption.points if checkout.redemption else 0,
        loyalty_rules=settings.rules.to_json(),
        source="storefront",
        order_date=now,
        pay_by=pay_by(payment, amounts.total_cents, now),
        created_at=now,
        updated_at=now,
    )


def _write_children(order: OrderRecord, checkout: Checkout, amounts: _Amounts) -> None:
    order.items = write_lines(order.id, amounts.lines, amounts.taxes)
    write_taxes(order.id, amounts.taxes)
    order.tax_lines = amounts.taxes.lines
    write_addresses(order.id, checkout.addresses)
    order.addresses = list(checkout.addresses)


def _write_note(order: OrderRecord, checkout: Checkout, *, is_own_phone: bool) -> None:
    parts = [(checkout.notes or "").strip(), "" if is_own_phone else checkout.phone_note]
    note = "\n".join(filter(None, parts))
    if note:
        order.notes = [write_note(order.id, "Customer", note, order.created_at)]
