"""Delivery and payment: the ways a shop offers, and what a delivery costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import select

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.db.session import db
from shop.models import PaymentMethod, ShippingMethod
from shop.services.catalogue.products import CartLine, price_lines
from shop.services.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class ShippingQuote:
    """A way to deliver and what it costs for one cart, in cents."""

    method: ShippingMethod
    cost_cents: int


def quote_cart(lines: Sequence[CartLine], country: str) -> list[ShippingQuote]:
    """The ways to deliver a cart to a country, each with its cost. Raises InvalidInput for lines that cannot be."""
    return quote_shipping(sum(line.total_cents for line in price_lines(lines)), country)


def quote_shipping(subtotal_cents: int, country: str | None = None) -> list[ShippingQuote]:
    """The ways to deliver to a country (code or nothing), each with its cost for a subtotal."""
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
    """The quote for the method a cart chose; None when it chose none. Raises InvalidInput for an unknown one."""
    if method_id is None:
        return None
    for quote in quote_shipping(subtotal_cents):
        if quote.method.id == method_id:
            return quote
    raise InvalidInput.of("shipping_method_id", "is not a way this shop delivers", code="shipping_method_unknown")


class WayToPay(NamedTuple):
    """A way to pay that is switched on, by the columns of a ``PaymentMethod``."""

    code: str
    name: str
    config: dict[str, Any]
    time_limit_minutes: int | None
    enabled: bool


_M = table(PaymentMethod).c
WAY_COLUMNS = tuple(_M[name] for name in WayToPay._fields)
_WAYS = PreparedQuery(select(*WAY_COLUMNS).where(_M.shop_id == SHOP, _M.enabled.is_(True)).order_by(_M.position, _M.id))


def list_payment_methods() -> list[WayToPay]:
    """The ways to pay that are switched on, in the shop's order."""
    return [WayToPay._make(row) for row in _WAYS()]


def choose_payment(name: str | None, ways: Sequence[WayToPay] | None = None) -> WayToPay | None:
    """The method meant by a name or code, however it is spelt: ``mpesa``, ``M-Pesa``, ``cash_on_delivery``.

    ``ways`` are those of :func:`list_payment_methods`, for who has read them. None when nothing was chosen. Raises
    InvalidInput for one the shop does not offer.
    """
    if name is None or not name.strip():
        return None
    wanted = _bare(name)
    for method in list_payment_methods() if ways is None else ways:
        if wanted in {_bare(method.code), _bare(method.name)}:
            return method
    raise InvalidInput.of("payment_method", "is not a way to pay in this shop", code="payment_method_unknown")


def _bare(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def add_shipping_method(
    name: str, cost_cents: int, *, free_above_cents: int | None = None, countries: list[str] | None = None
) -> ShippingMethod:
    """Add a way to deliver, in the caller's transaction."""
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


def add_payment_method(
    code: str,
    name: str,
    *,
    config: dict[str, str] | None = None,
    position: int = 0,
    time_limit_minutes: int | None = None,
) -> PaymentMethod:
    """Add a way to pay, in the caller's transaction; orders end that are not paid by it within its time limit."""
    method = PaymentMethod(
        code=code, name=name, config=config or {}, position=position, time_limit_minutes=time_limit_minutes
    )
    db.session.add(method)
    db.session.flush()
    return method
