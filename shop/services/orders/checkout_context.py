"""What every order asks of the shop, read at once: settings, ways to pay, and the coupon."""

from dataclasses import dataclass

from sqlalchemy import and_, bindparam, select

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.models import Coupon, PaymentMethod, Shop
from shop.services.catalogue.coupons import TERMS_COLUMNS, Terms, spelt
from shop.services.catalogue.shipping import WAY_COLUMNS, WayToPay
from shop.services.shops.settings import ShopSettings, settings_under

_S, _M, _C = table(Shop).c, table(PaymentMethod).c, table(Coupon).c
_READ = PreparedQuery(
    select(_S.settings_mark, *TERMS_COLUMNS, *WAY_COLUMNS)
    .select_from(table(Shop))
    .outerjoin(table(Coupon), and_(_C.shop_id == SHOP, _C.code == bindparam("wanted")))
    .outerjoin(table(PaymentMethod), and_(_M.shop_id == SHOP, _M.enabled.is_(True)))
    .where(_S.id == SHOP)
    .order_by(_M.position, _M.id)
)
"""A row for each way to pay, or one without any."""


@dataclass(frozen=True, slots=True)
class Opening:
    """The shop as an order finds it; ``terms`` are those of the coupon, None when there is none with the code."""

    settings: ShopSettings
    ways: list[WayToPay]
    terms: Terms | None


def open_order(coupon_code: str) -> Opening:
    """Read it, within the order's transaction."""
    rows = _READ(wanted=spelt(coupon_code)).all()
    before_ways = 1 + len(TERMS_COLUMNS)
    mark, *terms = rows[0][:before_ways]
    return Opening(
        settings=settings_under(mark),
        ways=[WayToPay._make(row[before_ways:]) for row in rows if row[before_ways] is not None],
        terms=None if terms[0] is None else Terms._make(terms),
    )
