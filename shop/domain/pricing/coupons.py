"""Coupons: whether one is valid for a cart, and its discount."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from shop.domain.money import format_money, whole_units
from shop.domain.text.messages import N_, Translatable


class CouponType(StrEnum):
    """The kind of discount."""

    PERCENTAGE = "percentage"
    FIXED = "fixed"
    FREE_SHIPPING = "free_shipping"


class CouponState(StrEnum):
    """The state of a coupon."""

    ACTIVE = "active"
    SCHEDULED = "scheduled"
    ENDED = "ended"
    USED_UP = "used_up"


class CouponTerms(NamedTuple):
    """The columns of a coupon that define its discount and validity.

    ``value`` is hundredths of a per cent, or minor units, by ``type``. ``product_ids`` limits it to some products,
    ``category_ids`` to those of some categories and the ones below them; with both it is for either. None or empty
    means all.
    """

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
    max_discount_cents: int | None = None
    per_customer_limit: int | None = None
    product_ids: Sequence[int] | None = None
    combines_with_points: bool = True
    combines_with_discounts: bool = True
    category_ids: Sequence[int] | None = None


class _Dated(Protocol):
    """The columns from which a coupon's state follows."""

    @property
    def status(self) -> str: ...
    @property
    def usage_limit(self) -> int | None: ...
    @property
    def usage_count(self) -> int: ...
    @property
    def start_date(self) -> datetime | None: ...
    @property
    def end_date(self) -> datetime | None: ...


def state_of(coupon: _Dated, now: datetime) -> CouponState:
    """Return the state of a coupon at a moment."""
    if coupon.status != "active" or (coupon.end_date is not None and coupon.end_date <= now):
        return CouponState.ENDED
    if coupon.usage_limit is not None and coupon.usage_count >= coupon.usage_limit:
        return CouponState.USED_UP
    is_scheduled = coupon.start_date is not None and coupon.start_date > now
    return CouponState.SCHEDULED if is_scheduled else CouponState.ACTIVE


class CouponLine(NamedTuple):
    """A cart's line as a coupon sees it.

    ``is_reduced`` if it costs less than the product's price, ``is_in_category`` if its product is in one of the
    coupon's categories.
    """

    product_id: int
    total_cents: int
    is_reduced: bool = False
    is_in_category: bool = False


class CouponRefused(Exception):
    """The coupon is not valid for the cart; ``code`` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class AppliedCoupon:
    """A coupon and its discount on a cart in minor units; ``line_cents`` is the price of the goods it is for."""

    coupon: CouponTerms
    discount_cents: int
    line_cents: tuple[int, ...]

    def excluded_from_points(self, subtotal_cents: int) -> int:
        """Return what points cannot pay for: the discount, or all goods if the coupon does not combine with points."""
        return self.discount_cents if self.coupon.combines_with_points else subtotal_cents

    def shipping_discount(self, cost_cents: int) -> int:
        """Return the discount on a delivery's price."""
        if self.coupon.type != CouponType.FREE_SHIPPING:
            return 0
        most = self.coupon.max_discount_cents
        return cost_cents if most is None else min(cost_cents, most)


def apply_coupon_terms(
    coupon: CouponTerms | None, lines: Sequence[CouponLine], now: datetime, unit_cents: int, currency: str = ""
) -> AppliedCoupon:
    """Return the discount of a coupon; None means an unknown code.

    The minimum purchase and the discount apply to the goods that the coupon is for. The discount is rounded down to
    ``unit_cents``, the smallest amount of the currency, and is at most those goods. Raise CouponRefused, whose
    message names amounts in ``currency``.
    """
    coupon = _check_dates(coupon, now)
    if coupon.usage_limit is not None and coupon.usage_count >= coupon.usage_limit:
        raise CouponRefused("coupon_used_up", N_("has been used up"))
    cents = tuple(line.total_cents if _is_for(coupon, line) else 0 for line in lines)
    goods = sum(cents)
    if goods < coupon.min_purchase_cents:
        least = format_money(coupon.min_purchase_cents, currency)
        raise CouponRefused("coupon_below_minimum", Translatable("needs a cart of at least %(money)s", money=least))
    if goods == 0 and any(line.total_cents for line in lines):
        raise CouponRefused("coupon_not_applicable", N_("is not for the goods in this cart"))
    return AppliedCoupon(coupon, whole_units(_discount(coupon, goods), unit_cents), cents)


def _check_dates(coupon: CouponTerms | None, now: datetime) -> CouponTerms:
    if coupon is None or coupon.status != "active" or (coupon.start_date is not None and coupon.start_date > now):
        raise CouponRefused("coupon_unknown", N_("is not a coupon of this shop"))
    if coupon.end_date is not None and coupon.end_date <= now:
        raise CouponRefused("coupon_expired", N_("has expired"))
    return coupon


def _is_for(coupon: CouponTerms, line: CouponLine) -> bool:
    if line.is_reduced and not coupon.combines_with_discounts:
        return False
    if not coupon.product_ids and not coupon.category_ids:
        return True
    return line.is_in_category or line.product_id in (coupon.product_ids or ())


def _discount(coupon: CouponTerms, goods_cents: int) -> int:
    """Return the discount before rounding; free shipping discounts no goods."""
    if coupon.type == CouponType.FREE_SHIPPING:
        return 0
    is_share = coupon.type == CouponType.PERCENTAGE
    discount = goods_cents * coupon.value // 10_000 if is_share else min(coupon.value, goods_cents)
    return discount if coupon.max_discount_cents is None else min(discount, coupon.max_discount_cents)
