"""Coupons: what a code takes off a cart, and its counted uses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypedDict, Unpack

from sqlalchemy import bindparam, or_, select, update

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.db.session import db
from shop.domain.money import format_money, whole_units
from shop.domain.text.cleaning import clean_reference
from shop.domain.text.messages import Translatable
from shop.models import Coupon
from shop.models.orders.order import OrderColumns
from shop.services import clock
from shop.services.catalogue.products import CartLine, price_lines
from shop.services.errors import Conflict, InvalidInput
from shop.services.shops.settings import get_settings


class Terms(NamedTuple):
    """A coupon's columns that say what it takes off, and when."""

    id: int
    code: str
    type: str
    value: int
    usage_limit: int | None
    usage_count: int
    min_purchase_cents: int
    start_date: datetime | None
    end_date: datetime | None
    status: str


_COUPONS, _C = table(Coupon), table(Coupon).c
_THIS = (_C.shop_id == SHOP, _C.id == bindparam("coupon"))
_LEFT = or_(_C.usage_limit.is_(None), _C.usage_count < _C.usage_limit)
TERMS_COLUMNS = tuple(_C[name] for name in Terms._fields)
_FIND = PreparedQuery(select(*TERMS_COLUMNS).where(_C.shop_id == SHOP, _C.code == bindparam("wanted")))
_USE = PreparedQuery(update(_COUPONS).where(*_THIS, _LEFT).values(usage_count=_C.usage_count + 1))
_RETURN = PreparedQuery(update(_COUPONS).where(*_THIS, _C.usage_count > 0).values(usage_count=_C.usage_count - 1))


@dataclass(frozen=True, slots=True)
class AppliedCoupon:
    """A coupon and what it takes off a subtotal, in cents."""

    coupon: Terms
    discount_cents: int


def apply_coupon(code: str, subtotal_cents: int) -> AppliedCoupon:
    """What a code takes off a subtotal (never more than it).

    Raises InvalidInput with code ``coupon_unknown``, ``coupon_expired``, ``coupon_used_up`` or
    ``coupon_below_minimum``.
    """
    row = _FIND(wanted=spelt(code)).first()
    return apply_terms(None if row is None else Terms._make(row), subtotal_cents, get_settings().rules.unit_cents)


def spelt(code: str) -> str:
    """Return a code as it is stored and compared; one with control characters becomes a code that nobody has."""
    try:
        return clean_reference(code)
    except ValueError:
        return ""


def apply_terms(coupon: Terms | None, subtotal_cents: int, unit_cents: int) -> AppliedCoupon:
    """Apply the coupon with a code, None if there is none, as :func:`apply_coupon` does.

    The discount is a multiple of ``unit_cents``, the smallest amount of the currency.
    """
    now = clock.now()
    if coupon is None or coupon.status != "active" or (coupon.start_date is not None and coupon.start_date > now):
        raise _refusal("is not a coupon of this shop", "coupon_unknown")
    if coupon.end_date is not None and coupon.end_date <= now:
        raise _refusal("has expired", "coupon_expired")
    if coupon.usage_limit is not None and coupon.usage_count >= coupon.usage_limit:
        raise _refusal("has been used up", "coupon_used_up")
    if subtotal_cents < coupon.min_purchase_cents:
        least = format_money(coupon.min_purchase_cents)
        raise _refusal(Translatable("needs a cart of at least %(money)s", money=least), "coupon_below_minimum")
    return AppliedCoupon(coupon, whole_units(_discount(coupon, subtotal_cents), unit_cents))


def try_coupon(code: str, lines: Sequence[CartLine]) -> tuple[AppliedCoupon, int]:
    """What a code takes off a cart, and the cart's subtotal in cents. Raises InvalidInput like :func:`apply_coupon`."""
    subtotal = sum(line.total_cents for line in price_lines(lines))
    return apply_coupon(code, subtotal), subtotal


def _refusal(message: str, code: str) -> InvalidInput:
    return InvalidInput.of("coupon_code", message, code=code)


def _discount(coupon: Terms, subtotal_cents: int) -> int:
    """A percentage is rounded down to the cent; a fixed amount never exceeds the subtotal."""
    if coupon.type == "percentage":
        return subtotal_cents * coupon.value // 10_000
    return min(coupon.value, subtotal_cents)


def use_coupon(coupon: Terms) -> None:
    """Count one use, in the caller's transaction. Raises InvalidInput ``coupon_used_up`` when none is left."""
    if _USE(coupon=coupon.id).rowcount != 1:
        raise _refusal("has been used up", "coupon_used_up")


def return_coupon(order: OrderColumns) -> None:
    """Give the use of an order's coupon back, once, in the caller's transaction."""
    if order.coupon_id is None or order.coupon_returned:
        return
    _RETURN(coupon=order.coupon_id)
    order.coupon_returned = True


def retake_coupon(order: OrderColumns) -> None:
    """Count the use of an order's coupon again, in the caller's transaction.

    Raises Conflict ``coupon_used_up`` if no use is left.
    """
    if order.coupon_id is None or not order.coupon_returned:
        return
    if _USE(coupon=order.coupon_id).rowcount != 1:
        raise Conflict(
            "The coupon %(coupon)s of this order has been used up.", code="coupon_used_up", coupon=order.coupon_code
        )
    order.coupon_returned = False


class CouponConditions(TypedDict, total=False):
    """Columns that say when a coupon counts."""

    usage_limit: int | None
    min_purchase_cents: int
    start_date: datetime | None
    end_date: datetime | None


def add_coupon(code: str, type: str, value: int, **conditions: Unpack[CouponConditions]) -> Coupon:
    """Add a coupon, in the caller's transaction: ``value`` is hundredths of a per cent, or cents, by ``type``."""
    now = clock.now()
    coupon = Coupon(code=code.strip().upper(), type=type, value=value, created_at=now, updated_at=now, **conditions)
    db.session.add(coupon)
    db.session.flush()
    return coupon
