"""The settings, payment methods and coupon needed to place an order, read in one statement."""

from dataclasses import dataclass

from sqlalchemy import and_, bindparam, select

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.domain.pricing.coupons import CouponTerms
from shop.models import Coupon, PaymentMethod, Shop
from shop.services.catalogue.coupons import TERMS_COLUMNS, spelt
from shop.services.catalogue.payment_methods import METHOD_COLUMNS, PaymentOption
from shop.services.shops.settings import ShopSettings, settings_under

_S, _M, _C = table(Shop).c, table(PaymentMethod).c, table(Coupon).c
_READ = PreparedQuery(
    select(_S.settings_mark, *TERMS_COLUMNS, *METHOD_COLUMNS)
    .select_from(table(Shop))
    .outerjoin(table(Coupon), and_(_C.shop_id == SHOP, _C.code == bindparam("wanted")))
    .outerjoin(table(PaymentMethod), and_(_M.shop_id == SHOP, _M.enabled.is_(True)))
    .where(_S.id == SHOP)
    .order_by(_M.position, _M.id)
)
"""One row for each payment method, or a single row without any."""


@dataclass(frozen=True, slots=True)
class CheckoutContext:
    """``terms`` are those of the coupon; None if no coupon has the code."""

    settings: ShopSettings
    payment_methods: list[PaymentOption]
    terms: CouponTerms | None


def load_checkout_context(coupon_code: str) -> CheckoutContext:
    """Read the context within the order's transaction."""
    rows = _READ(wanted=spelt(coupon_code)).all()
    methods_start = 1 + len(TERMS_COLUMNS)
    mark, *terms = rows[0][:methods_start]
    methods = [row[methods_start:] for row in rows if row[methods_start] is not None]
    return CheckoutContext(
        settings=settings_under(mark),
        payment_methods=[PaymentOption._make(method) for method in methods],
        terms=None if terms[0] is None else CouponTerms._make(terms),
    )
