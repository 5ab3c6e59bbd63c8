"""Quote an order before it is placed, by the same rules as placing it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shop.domain.loyalty.points import LoyaltyRules, RedemptionRefused, discount_of_redemption
from shop.domain.pricing.coupons import AppliedCoupon
from shop.domain.pricing.shipping import Destination
from shop.domain.pricing.taxes import Taxes, TaxRules
from shop.domain.text.messages import N_
from shop.services import clock
from shop.services.catalogue.coupons import apply_coupon
from shop.services.catalogue.payment_methods import PaymentOption, list_payment_methods
from shop.services.catalogue.products.for_sale import CartLine, PricedLine, price_lines
from shop.services.catalogue.shipping import ShippingQuote, quote_shipping, weight_of
from shop.services.customers.records import Person, find_customer
from shop.services.errors import InvalidInput
from shop.services.loyalty.redemption import Preview, may_redeem, preview_for
from shop.services.loyalty.redemption_tokens import token_is_good
from shop.services.orders.pricing.taxes import TaxedDelivery, tax_order
from shop.services.shops.settings import ShopSettings, get_settings
from shop.services.taxes.rules import load_tax_rules


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """A customer's choices so far; any may be missing or invalid."""

    email: str = ""
    country: str = ""
    state: str = ""
    city: str = ""
    street: str = ""
    shipping_method_id: int | None = None
    coupon_code: str = ""
    points: int | None = None
    """Points to redeem, at most as many as possible; None for the maximum."""
    redemption_token: str = ""
    customer: Person | None = None
    """The known customer; else the one with the e-mail."""
    discount_cents: int = 0
    """A discount by staff on the goods, like a coupon's."""
    delivers: bool = True
    """False if the goods are handed over in the shop."""
    shipping_cents: int | None = None
    """The price of the delivery if it is not the method's own."""
    placed_at: datetime | None = None
    """When an edited order was placed; None for a new one."""
    includes_tax: bool = False
    """Whether the prices include tax whatever the shop's do, as at the till."""


@dataclass(frozen=True, slots=True)
class Quote:
    """The amounts of an order. Each part has its own error, the end of a sentence."""

    settings: ShopSettings
    lines: Sequence[PricedLine]
    subtotal_cents: int
    discount_cents: int
    coupon: AppliedCoupon | None
    coupon_wrong: str | None
    served: frozenset[str] | None
    """Codes of the countries that the shop delivers to; None for all."""
    deliveries: list[ShippingQuote]
    delivery: ShippingQuote | None
    payments: list[PaymentOption]
    unlocked: bool
    """Whether the redemption token is valid and belongs to the customer with the e-mail."""
    preview: Preview
    """That of a customer without points unless ``unlocked``: typing an e-mail does not prove its ownership."""
    points: int
    points_cents: int
    points_wrong: str | None
    email_wrong: str | None
    tax_rules: TaxRules | None

    @property
    def coupon_cents(self) -> int:
        """The discount of the coupon."""
        return self.coupon.discount_cents if self.coupon else 0

    @property
    def excluded_from_points_cents(self) -> int:
        """The part of the goods that points cannot pay because of the coupon."""
        return _excluded_from_points(self.coupon, self.subtotal_cents)

    @property
    def shipping_discount_cents(self) -> int:
        """The coupon's discount on the chosen delivery."""
        cost = self.delivery.cost_cents if self.delivery else 0
        return self.coupon.shipping_discount(cost) if self.coupon else 0

    @property
    def shipping_cents(self) -> int:
        """The price of the chosen delivery, less the coupon's discount."""
        return self.delivery.cost_cents - self.shipping_discount_cents if self.delivery else 0

    @property
    def total_without_points_cents(self) -> int:
        """The total without redeeming points."""
        return self._prices_cents + self.taxes_with(0).added_cents

    @property
    def total_cents(self) -> int:
        """The total with the chosen points."""
        return self._prices_cents - self.points_cents + self.taxes.added_cents

    @property
    def _prices_cents(self) -> int:
        return self.subtotal_cents + self.shipping_cents - self.coupon_cents - self.discount_cents

    @property
    def taxes(self) -> Taxes:
        """The taxes with the chosen points."""
        return self.taxes_with(self.points_cents)

    @property
    def delivery_to_tax(self) -> TaxedDelivery:
        """The chosen delivery with its tax class."""
        return TaxedDelivery(self.delivery.method.tax_class if self.delivery else "", self.shipping_cents)

    def taxes_with(self, points_cents: int, delivery: TaxedDelivery | None = None) -> Taxes:
        """Return the taxes with a discount by points, and with another delivery if one is given."""
        off, unit = self.discount_cents + points_cents, self.settings.rules.unit_cents
        return tax_order(self.lines, self.coupon, off, delivery or self.delivery_to_tax, self.tax_rules, unit)


def quote_order(lines: Sequence[CartLine], request: QuoteRequest) -> Quote:
    """Return the quote of a cart. Without a valid choice of delivery, the first one counts.

    Raises InvalidInput for lines that cannot be bought; all other errors are part of the quote.
    """
    return quote_lines(price_lines(lines), request)


def quote_lines(priced: Sequence[PricedLine], request: QuoteRequest) -> Quote:
    """As :func:`quote_order`, for lines with prices."""
    settings = get_settings()
    subtotal = sum(line.total_cents for line in priced)
    coupon, coupon_wrong = _coupon(request, priced)
    off = _excluded_from_points(coupon, subtotal) + request.discount_cents
    everywhere = quote_shipping(subtotal)
    place = Destination(request.country or settings.country, request.state, request.city, request.street)
    deliveries = quote_shipping(subtotal, place, weight_of(priced))
    customer, email_wrong = _token_holder(request)
    preview = preview_for(customer, subtotal, off, settings.rules)
    points, cents, points_wrong = _points(request.points, customer, preview, off, settings.rules)
    return Quote(
        settings=settings,
        lines=priced,
        subtotal_cents=subtotal,
        discount_cents=request.discount_cents,
        coupon=coupon,
        coupon_wrong=coupon_wrong,
        served=_served(everywhere),
        deliveries=deliveries,
        delivery=_delivery(deliveries, request),
        payments=list_payment_methods(),
        unlocked=customer is not None,
        preview=preview,
        points=points,
        points_cents=cents,
        points_wrong=points_wrong,
        email_wrong=email_wrong,
        tax_rules=_tax_rules(settings, request),
    )


def _tax_rules(settings: ShopSettings, request: QuoteRequest) -> TaxRules | None:
    rules = load_tax_rules(settings, request.placed_at or clock.now())
    return replace(rules, is_included=True) if rules and request.includes_tax else rules


def _excluded_from_points(coupon: AppliedCoupon | None, subtotal_cents: int) -> int:
    return coupon.excluded_from_points(subtotal_cents) if coupon else 0


def _delivery(deliveries: Sequence[ShippingQuote], request: QuoteRequest) -> ShippingQuote | None:
    if not request.delivers:
        return None
    chosen = next((quote for quote in deliveries if quote.method.id == request.shipping_method_id), None)
    chosen = chosen or next(iter(deliveries), None)
    if chosen is None or request.shipping_cents is None:
        return chosen
    return replace(chosen, cost_cents=request.shipping_cents)


def _served(quotes: Sequence[ShippingQuote]) -> frozenset[str] | None:
    if any(not quote.method.countries for quote in quotes):
        return None
    return frozenset(country for quote in quotes for country in quote.method.countries)


def _coupon(request: QuoteRequest, lines: Sequence[PricedLine]) -> tuple[AppliedCoupon | None, str | None]:
    """Return the coupon, limited to what staff's discount leaves, and its error."""
    if not request.coupon_code.strip():
        return None, None
    try:
        applied = apply_coupon(request.coupon_code, lines)
    except InvalidInput as wrong:
        return None, wrong.errors[0].message
    if request.discount_cents and not applied.coupon.combines_with_discounts:
        return None, N_("cannot be used together with another discount")
    left = max(0, sum(line.total_cents for line in lines) - request.discount_cents)
    return replace(applied, discount_cents=min(applied.discount_cents, left)), None


def _token_holder(request: QuoteRequest) -> tuple[Person | None, str | None]:
    """Return the customer with the e-mail if the redemption token is theirs, and the e-mail's error."""
    customer = request.customer
    if customer is None and not request.email.strip():
        return None, None
    try:
        customer = customer or find_customer(email=request.email, phone=None)
    except InvalidInput as wrong:
        return None, wrong.errors[0].message
    token = request.redemption_token
    return (customer if customer and token and token_is_good(token, customer.id) else None), None


def _points(
    wanted: int | None, customer: Person | None, preview: Preview, off_cents: int, rules: LoyaltyRules
) -> tuple[int, int, str | None]:
    """Return the points, their worth in cents, and their error."""
    most = preview.possible.max_points
    points = most if wanted is None else min(wanted, most)
    if points == 0 or customer is None or not preview.possible.eligible:
        return 0, 0, None
    try:
        cents = discount_of_redemption(
            points,
            preview.subtotal_cents,
            off_cents,
            preview.balance,
            rules,
            registered=may_redeem(customer, rules),
        )
    except RedemptionRefused as refused:
        return points, 0, refused.message
    return points, cents, None
