"""Shipping methods and their costs."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from shop.db.session import db
from shop.models import ShippingMethod
from shop.services.catalogue.products import CartLine, price_lines
from shop.services.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class ShippingQuote:
    """A shipping method and its cost for one cart, in minor units."""

    method: ShippingMethod
    cost_cents: int


def quote_cart(lines: Sequence[CartLine], country: str) -> list[ShippingQuote]:
    """Return the shipping methods for a cart to a country, with costs. Raises InvalidInput for lines not for sale."""
    return quote_shipping(sum(line.total_cents for line in price_lines(lines)), country)


def quote_shipping(subtotal_cents: int, country: str | None = None) -> list[ShippingQuote]:
    """Return the shipping methods that serve a country (ISO code, or None for all), with costs for a subtotal."""
    methods = db.session.scalars(
        select(ShippingMethod)
        .where(ShippingMethod.enabled.is_(True))
        .order_by(ShippingMethod.position, ShippingMethod.id)
    )
    wanted = (country or "").strip().upper()
    serving = (m for m in methods if not m.countries or not wanted or wanted in m.countries or len(wanted) != 2)
    return [ShippingQuote(method, _cost(method, subtotal_cents)) for method in serving]


def _cost(method: ShippingMethod, subtotal_cents: int) -> int:
    free = method.free_above_cents is not None and subtotal_cents >= method.free_above_cents
    return 0 if free else method.cost_cents


def choose_shipping(method_id: int | None, subtotal_cents: int) -> ShippingQuote | None:
    """Return the quote for a chosen method; None if none was chosen. Raises InvalidInput for an unknown one."""
    if method_id is None:
        return None
    for quote in quote_shipping(subtotal_cents):
        if quote.method.id == method_id:
            return quote
    raise InvalidInput.of("shipping_method_id", "is not a way this shop delivers", code="shipping_method_unknown")


def add_shipping_method(
    name: str, cost_cents: int, *, free_above_cents: int | None = None, countries: list[str] | None = None
) -> ShippingMethod:
    """Add a shipping method, in the caller's transaction."""
    method = ShippingMethod(
        name=name,
        type="flat_rate" if free_above_cents is None else "free_above",
        cost_cents=cost_cents,
        free_above_cents=free_above_cents,
        countries=countries or [],
    )
    db.session.add(method)
    db.session.flush()
    return method
