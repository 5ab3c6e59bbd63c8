"""Shipping methods and their costs."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from shop.db.session import db
from shop.domain.customers.countries import country_code
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
    """Return the shipping methods that serve a country, with costs for a subtotal.

    The country is written as people do: a code or a name. None stands for all methods; what is no country is served by
    the methods without a list of countries.
    """
    methods = db.session.scalars(
        select(ShippingMethod)
        .where(ShippingMethod.enabled.is_(True))
        .order_by(ShippingMethod.position, ShippingMethod.id)
    )
    return [ShippingQuote(method, _cost(method, subtotal_cents)) for method in methods if _serves(method, country)]


def _serves(method: ShippingMethod, country: str | None) -> bool:
    return country is None or not method.countries or country_code(country) in method.countries


def _cost(method: ShippingMethod, subtotal_cents: int) -> int:
    free = method.free_above_cents is not None and subtotal_cents >= method.free_above_cents
    return 0 if free else method.cost_cents


def choose_shipping(
    method_id: int | None, subtotal_cents: int, country: str | None = None, without_method: str = "cheapest"
) -> ShippingQuote | None:
    """Return the quote for a chosen method, which must serve the country of the address; None without an address.

    Without a chosen method, the setting ``delivery_without_method`` decides: ``cheapest`` takes the cheapest method
    that serves the country, ``refuse`` requires a choice, ``free`` charges nothing. Raises InvalidInput
    ``shipping_method_unknown``, ``shipping_country_not_served`` or ``shipping_method_required``.
    """
    quotes = quote_shipping(subtotal_cents) if method_id is not None or country is not None else []
    serving = [quote for quote in quotes if _serves(quote.method, country)]
    if method_id is None:
        return _without_method(serving, without_method) if quotes else None
    chosen = next((quote for quote in quotes if quote.method.id == method_id), None)
    if chosen is None:
        raise InvalidInput.of("shipping_method_id", "is not a way this shop delivers", code="shipping_method_unknown")
    if chosen not in serving:
        raise InvalidInput.of(
            "shipping_method_id", "does not serve the country of the address", code="shipping_country_not_served"
        )
    return chosen


def _without_method(serving: Sequence[ShippingQuote], rule: str) -> ShippingQuote | None:
    if rule == "free":
        return None
    if rule == "refuse":
        raise InvalidInput.of("shipping_method_id", "is required to deliver the order", code="shipping_method_required")
    if not serving:
        raise InvalidInput.of(
            "shipping_address.country", "is not one this shop delivers to", code="shipping_country_not_served"
        )
    return min(serving, key=lambda quote: quote.cost_cents)


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
