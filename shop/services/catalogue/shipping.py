"""Shipping methods and their costs."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, case, func, select

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.db.session import db
from shop.domain.pricing.shipping import Destination, ShippingTerms, methods_for, shipping_cost
from shop.models import ShippingMethod, ShippingZone
from shop.services.catalogue.products.for_sale import CartLine, PricedLine, price_lines
from shop.services.errors import InvalidInput

_M, _Z = table(ShippingMethod).c, table(ShippingZone).c
_IN_ZONE = _M.zone_id.is_not(None)
_PLACES = {name: case((_IN_ZONE, _Z[name]), else_=_M[name]).label(name) for name in ("countries", "regions")}
_COLUMNS = _PLACES | {"towns": _Z.towns, "zone_name": _Z.name.label("zone_name")}
_ENABLED = PreparedQuery(
    select(*(_COLUMNS[name] if name in _COLUMNS else _M[name] for name in ShippingTerms._fields))
    .outerjoin_from(table(ShippingMethod), table(ShippingZone), and_(_Z.shop_id == _M.shop_id, _Z.id == _M.zone_id))
    .where(_M.shop_id == SHOP, _M.enabled.is_(True))
    .order_by(func.coalesce(_Z.position, -1), _Z.id, _M.position, _M.id)
)


@dataclass(frozen=True, slots=True)
class ShippingQuote:
    """A shipping method and its cost for one cart, in minor units."""

    method: ShippingTerms
    cost_cents: int


def weight_of(lines: Sequence[PricedLine]) -> int:
    """Return the weight of a cart in grams; products without a weight count as 0."""
    return sum((line.product.weight_grams or 0) * line.quantity for line in lines)


def quote_cart(lines: Sequence[CartLine], destination: Destination) -> list[ShippingQuote]:
    """Return the shipping methods for a cart to a destination, with costs. Raise InvalidInput for unsellable lines."""
    priced = price_lines(lines)
    return quote_shipping(sum(line.total_cents for line in priced), destination, weight_of(priced))


def quote_shipping(
    subtotal_cents: int, destination: Destination | None = None, weight_grams: int = 0
) -> list[ShippingQuote]:
    """Return the shipping methods that serve a destination, None for all methods, with costs for a cart."""
    methods = methods_for(load_terms(), destination, weight_grams)
    return [ShippingQuote(method, shipping_cost(method, subtotal_cents, weight_grams)) for method in methods]


def load_terms() -> list[ShippingTerms]:
    """Return the enabled methods with their places, those without a zone first, then by zone."""
    return [ShippingTerms._make(row)._replace(towns=row.towns or ()) for row in _ENABLED()]


def choose_shipping(
    method_id: int | None,
    lines: Sequence[PricedLine],
    destination: Destination | None = None,
    without_method: str = "cheapest",
) -> ShippingQuote | None:
    """Return the quote for a chosen method, which must serve the address; None without an address.

    Without a chosen method, the setting ``delivery_without_method`` decides: ``cheapest`` takes the cheapest method
    that serves the address, ``refuse`` requires a choice, ``free`` charges nothing. Raises InvalidInput
    ``shipping_method_unknown``, ``shipping_country_not_served`` or ``shipping_method_required``.
    """
    if method_id is None and destination is None:
        return None
    subtotal, weight = sum(line.total_cents for line in lines), weight_of(lines)
    methods = load_terms()
    serving = methods_for(methods, destination, weight)
    if method_id is None:
        delivering = [one for one in serving if not one.collection]
        quotes = [ShippingQuote(one, shipping_cost(one, subtotal, weight)) for one in delivering]
        return _without_method(quotes, without_method) if methods else None
    chosen = next((one for one in methods if one.id == method_id), None)
    if chosen is None:
        raise InvalidInput.of(
            "shipping_method_id", "is not a delivery method of this shop", code="shipping_method_unknown"
        )
    if chosen not in serving and not (chosen.collection and chosen in methods_for(methods, None, weight)):
        raise InvalidInput.of(
            "shipping_method_id", "does not serve the country of the address", code="shipping_country_not_served"
        )
    return ShippingQuote(chosen, shipping_cost(chosen, subtotal, weight))


def _without_method(serving: Sequence[ShippingQuote], rule: str) -> ShippingQuote | None:
    if rule == "free":
        return None
    if rule == "refuse":
        raise InvalidInput.of("shipping_method_id", "is required to deliver the order", code="shipping_method_required")
    if not serving:
        raise InvalidInput.of(
            "shipping_address.country", "is not a country this shop delivers to", code="shipping_country_not_served"
        )
    return min(serving, key=lambda quote: quote.cost_cents)


def add_shipping_method(
    name: str,
    cost_cents: int,
    *,
    free_above_cents: int | None = None,
    countries: list[str] | None = None,
    tax_class: str = "",
) -> ShippingMethod:
    """Add a shipping method, in the caller's transaction."""
    method = ShippingMethod(
        name=name,
        type="flat_rate" if free_above_cents is None else "free_above",
        cost_cents=cost_cents,
        free_above_cents=free_above_cents,
        countries=countries or [],
        tax_class=tax_class,
    )
    db.session.add(method)
    db.session.flush()
    return method
