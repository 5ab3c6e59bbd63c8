"""A coupon's terms as text."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from shop.domain.formats import format_price
from shop.domain.money import HUNDREDTHS, plain_decimal
from shop.domain.pricing.coupons import CouponState, CouponType, state_of
from shop.services import clock
from shop.services.catalogue.coupons import try_terms
from shop.services.coupons.records import terms_of_values
from shop.services.coupons.values import CouponValues
from shop.services.errors import InvalidInput
from shop.web.pages.formats import day, shop_settings

STATES: Final[dict[str, Any]] = {
    CouponState.ACTIVE: lazy_gettext("Active"),
    CouponState.SCHEDULED: lazy_gettext("Scheduled"),
    CouponState.ENDED: lazy_gettext("Ended"),
    CouponState.USED_UP: lazy_gettext("Used up"),
}
KINDS: Final[dict[str, Any]] = {
    CouponType.PERCENTAGE: lazy_gettext("Percentage off"),
    CouponType.FIXED: lazy_gettext("Amount off"),
    CouponType.FREE_SHIPPING: lazy_gettext("Free delivery"),
}
EXAMPLES: Final = (50_000, 200_000, 1_000_000)


def state(coupon: Any) -> str:
    """Return the name of a coupon's state."""
    return state_of(coupon, clock.now())


def last_moment(coupon: CouponValues) -> datetime:
    """Return the last second of a coupon with an end; for a whole day, before midnight."""
    assert coupon.end_date is not None
    return coupon.end_date - timedelta(seconds=1)


def offer(coupon: CouponValues) -> str:
    """Return ``10 % off, at most KES 500.00``."""
    if coupon.type == CouponType.PERCENTAGE:
        words = _("%(percent)s %% off", percent=plain_decimal(Decimal(coupon.value) / HUNDREDTHS))
    elif coupon.type == CouponType.FIXED:
        words = _("%(money)s off", money=_price(coupon.value))
    else:
        words = _("Free delivery")
    if coupon.max_discount_cents:
        return str(_("%(offer)s, at most %(money)s", offer=words, money=_price(coupon.max_discount_cents)))
    return str(words)


def conditions(coupon: CouponValues) -> str:
    """Return ``From KES 800.00 of goods, until 31 Dec 2026. One use for each customer.``"""
    parts = []
    if coupon.category_ids:
        parts.append(_("For some categories only."))
    elif coupon.product_ids:
        parts.append(_("For some products only."))
    if coupon.min_purchase_cents:
        parts.append(_("From %(money)s of goods.", money=_price(coupon.min_purchase_cents)))
    if coupon.end_date:
        parts.append(_("Until %(day)s.", day=day(last_moment(coupon)).striptags()))
    if coupon.per_customer_limit == 1:
        parts.append(_("One use for each customer."))
    elif coupon.per_customer_limit:
        parts.append(_("%(count)s uses for each customer.", count=coupon.per_customer_limit))
    if not coupon.combines_with_points:
        parts.append(_("Not together with points."))
    if not coupon.combines_with_discounts:
        parts.append(_("Not for goods on sale."))
    return " ".join(map(str, parts)) or str(_("For every order."))


def example(values: CouponValues) -> list[tuple[int, int]]:
    """Return example carts with the coupon's discount as if it were active; zero where it is not valid."""
    terms = terms_of_values(values)._replace(status="active", start_date=None, end_date=None)
    found = []
    for goods in EXAMPLES:
        try:
            found.append((goods, try_terms(terms, goods).discount_cents))
        except InvalidInput:
            found.append((goods, 0))
    return found


def _price(cents: int) -> str:
    return format_price(cents, shop_settings().currency)
