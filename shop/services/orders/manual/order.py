"""An order entered by staff, and its quote."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from shop.domain.money import MAX_CENTS
from shop.domain.text.cleaning import clean_line
from shop.services.catalogue.products.for_sale import (
    MAX_LINES,
    MAX_QUANTITY,
    Article,
    CartLine,
    PricedLine,
    price_lines,
)
from shop.services.customers.records import Person, get_customer
from shop.services.errors import FieldError, InvalidInput
from shop.services.orders.pricing.lines import PostalAddress
from shop.services.orders.pricing.quote import Quote, QuoteRequest, quote_lines
from shop.services.orders.repository import ItemRecord
from shop.services.shops.amounts import check_amounts
from shop.services.shops.settings import get_settings

LONGEST_NAME = 200
NO_PRODUCT = 0
"""The article id of a line that is not from the catalogue."""


@dataclass(frozen=True, slots=True)
class ManualLine:
    """A line: an article of the catalogue, or a ``name`` and a price.

    ``price_cents`` is None for the catalogue's price. ``item`` is the line of an edited order that it replaces.
    """

    quantity: int
    product_id: int | None = None
    variant_id: int | None = None
    name: str = ""
    price_cents: int | None = None
    item: ItemRecord | None = None


@dataclass(frozen=True, slots=True)
class ManualOrder:
    """An order as entered. ``new_customer`` has the fields of a customer to add, if ``customer_id`` is None."""

    lines: Sequence[ManualLine]
    customer_id: int | None = None
    new_customer: Mapping[str, str] = field(default_factory=dict)
    address: PostalAddress | None = None
    delivers: bool = False
    shipping_method_id: int | None = None
    shipping_cents: int | None = None
    """The price of the delivery if it is not the method's own."""
    keeps_delivery: bool = False
    """For an edited order: the method is kept, and its price unless another is given."""
    discount_cents: int = 0
    discount_reason: str = ""
    coupon_code: str = ""
    points: int = 0
    redemption_token: str = ""
    payment_method: str | None = None
    is_paid: bool = False
    payment_reference: str = ""
    note: str = ""
    notify: bool = True
    includes_tax: bool = False
    """Whether the prices include tax whatever the shop's do, as at the till."""


def find_person(customer_id: int | None) -> Person | None:
    """Return the customer of an order; None without one. Raises NotFound."""
    if customer_id is None:
        return None
    customer = get_customer(customer_id)
    return Person(
        customer.id,
        customer.email,
        customer.first_name,
        customer.last_name,
        customer.phone,
        customer.redemption_held_until,
        customer.phone_verified_at,
    )


def quote_manual_order(order: ManualOrder, customer: Person | None, placed_at: datetime | None = None) -> Quote:
    """Return the quote of an order, which includes errors of coupon and points.

    Raises InvalidInput for lines that cannot be sold, amounts too precise for the currency, and a discount larger than
    the goods.
    """
    check_amounts(get_settings().currency, _amounts(order))
    country = order.address.country if order.address else ""
    quote = quote_lines(
        price_manual_lines(order.lines),
        QuoteRequest(
            country=country,
            shipping_method_id=order.shipping_method_id,
            coupon_code=order.coupon_code,
            points=order.points,
            redemption_token=order.redemption_token,
            customer=customer,
            discount_cents=order.discount_cents,
            delivers=order.delivers,
            shipping_cents=order.shipping_cents,
            placed_at=placed_at,
            includes_tax=order.includes_tax,
        ),
    )
    if quote.discount_cents + quote.coupon_cents > quote.subtotal_cents:
        raise InvalidInput.of("discount", "is more than the goods cost")
    return quote


def _amounts(order: ManualOrder) -> dict[str, int | None]:
    prices = {f"items[{number}].price": line.price_cents for number, line in enumerate(order.lines)}
    return prices | {"discount": order.discount_cents, "shipping": order.shipping_cents}


def price_manual_lines(lines: Sequence[ManualLine]) -> list[PricedLine]:
    """Return the lines with prices: as entered, else of the edited order, else of the catalogue.

    Raises InvalidInput naming the line.
    """
    if not 1 <= len(lines) <= MAX_LINES:
        raise InvalidInput.of("items", "must be 1 to %(limit)s lines", limit=MAX_LINES)
    listed = [number for number, line in enumerate(lines) if line.item is None and line.product_id is not None]
    found = dict(zip(listed, _from_catalogue(lines, listed), strict=True))
    priced = [
        _with_price(found[number], line) if number in found else _own_line(number, line)
        for number, line in enumerate(lines)
    ]
    if sum(line.total_cents for line in priced) > MAX_CENTS:
        raise InvalidInput.of("items", "add up to more than an order may cost")
    return priced


def _from_catalogue(lines: Sequence[ManualLine], listed: Sequence[int]) -> list[PricedLine]:
    cart = [CartLine(lines[n].product_id or NO_PRODUCT, lines[n].quantity, lines[n].variant_id) for n in listed]
    if not cart:
        return []
    try:
        return price_lines(cart)
    except InvalidInput as wrong:
        errors = [FieldError(_renumbered(error.field, listed), error.message) for error in wrong.errors]
        raise InvalidInput(wrong.message, code=wrong.code, errors=errors) from None


def _renumbered(name: str, listed: Sequence[int]) -> str:
    """Return a field's name with the line's number among all lines."""
    return re.sub(r"^items\[(\d+)\]", lambda found: f"items[{listed[int(found[1])]}]", name)


def _with_price(line: PricedLine, entered: ManualLine) -> PricedLine:
    return line if entered.price_cents is None else replace(line, price_cents=entered.price_cents)


def _own_line(number: int, line: ManualLine) -> PricedLine:
    """Return a line outside the catalogue: one with its own name, or one of an edited order."""
    if not 1 <= line.quantity <= MAX_QUANTITY:
        raise InvalidInput.of(f"items[{number}].quantity", "must be from 1 to %(limit)s", limit=f"{MAX_QUANTITY:,}")
    item = line.item
    if item is not None:
        price = item.price_cents if line.price_cents is None else line.price_cents
        article = item.product or _article(item.name, item.sku, price, item.tax_class)
        return PricedLine(article, item.variant, line.quantity, price)
    name = clean_line(line.name)
    if not name:
        raise InvalidInput.of(f"items[{number}].name", "is required")
    if len(name) > LONGEST_NAME:
        raise InvalidInput.of(f"items[{number}].name", "must have at most %(limit)s characters", limit=LONGEST_NAME)
    if line.price_cents is None:
        raise InvalidInput.of(f"items[{number}].price", "is required")
    return PricedLine(_article(name, "", line.price_cents), None, line.quantity, line.price_cents)


def _article(name: str, sku: str, price_cents: int, tax_class: str = "") -> Article:
    return Article(NO_PRODUCT, name, None, sku, price_cents, None, None, "active", NO_PRODUCT, tax_class=tax_class)
