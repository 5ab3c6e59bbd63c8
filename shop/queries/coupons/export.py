"""The coupons as a file. To add a column, add a line."""

from typing import Final

from sqlalchemy import String, cast

from shop.domain.money import format_percent
from shop.domain.pricing.coupons import CouponType
from shop.models import Coupon
from shop.queries.coupons.list import stream_coupons
from shop.queries.listing.export import N_, Cell, ExportColumn, ExportContext, ListExport, moment, money, number


def _limit(value: int | None, _context: ExportContext) -> Cell:
    return "" if value is None else value


def _value(typed: str, context: ExportContext) -> Cell:
    """Return the percentage or the amount, by the type before it."""
    kind, number = typed.split()
    return format_percent(int(number)) if kind == CouponType.PERCENTAGE else money(int(number), context)


COUPONS_EXPORT: Final = ListExport(
    (
        ExportColumn(N_("Code"), Coupon.code.expression),
        ExportColumn(N_("Description"), Coupon.description.expression),
        ExportColumn(N_("Kind"), Coupon.type.expression),
        ExportColumn(N_("Value"), Coupon.type.expression + " " + cast(Coupon.value, String), _value),
        ExportColumn(N_("Used"), Coupon.usage_count.expression, number),
        ExportColumn(N_("Uses in all"), Coupon.usage_limit.expression, _limit),
        ExportColumn(N_("Minimum order"), Coupon.min_purchase_cents.expression, money),
        ExportColumn(N_("Starts"), Coupon.start_date.expression, moment),
        ExportColumn(N_("Ends"), Coupon.end_date.expression, moment),
        ExportColumn(N_("Status"), Coupon.status.expression),
    ),
    stream_coupons,
)
