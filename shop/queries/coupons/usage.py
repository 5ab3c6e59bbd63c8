"""The orders that used a coupon, and their totals."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select

from shop.db.session import db
from shop.domain.statuses import PaymentStatus
from shop.models import Coupon, Customer, Order
from shop.services.coupons.records import get_coupon


@dataclass(frozen=True, slots=True)
class CouponFigures:
    """A coupon's results in minor units.

    ``orders`` and ``discount_cents`` are of orders whose use counts, ``goods_cents`` of the paid ones after discounts.
    """

    orders: int = 0
    customers: int = 0
    discount_cents: int = 0
    goods_cents: int = 0


@dataclass(frozen=True, slots=True)
class CouponUse:
    """An order that used a coupon, and its customer."""

    order: Order
    customer: Customer | None

    @property
    def discount_cents(self) -> int:
        """The discount on goods and delivery."""
        return self.order.coupon_discount_cents + self.order.shipping_discount_cents


_COUNTS = Order.coupon_returned.is_(False)
_IS_PAID = Order.payment_status == PaymentStatus.PAID
_SUMS = (
    func.count(),
    func.count(Order.customer_id.distinct()),
    func.coalesce(func.sum(Order.coupon_discount_cents + Order.shipping_discount_cents), 0),
    func.coalesce(func.sum(case((_IS_PAID, Order.subtotal_cents - Order.discount_cents), else_=0)), 0),
)


def figures_of(coupon_ids: Sequence[int]) -> dict[int, CouponFigures]:
    """Return the figures of coupons; those that no order used have zeros."""
    rows = select(Order.coupon_id, *_SUMS).where(Order.coupon_id.in_(coupon_ids), _COUNTS).group_by(Order.coupon_id)
    found = {row[0]: CouponFigures(*map(int, row[1:])) for row in db.session.execute(rows)} if coupon_ids else {}
    return {coupon_id: found.get(coupon_id, CouponFigures()) for coupon_id in coupon_ids}


def all_figures() -> CouponFigures:
    """Return the figures of all coupons together."""
    row = db.session.execute(select(*_SUMS).where(Order.coupon_id.is_not(None), _COUNTS)).one()
    return CouponFigures(*map(int, row))


def list_uses(coupon_id: int, *, page: int, limit: int) -> tuple[list[CouponUse], int]:
    """Return a page of the orders that used a coupon, newest first, and their number. Raise NotFound.

    Orders whose use was returned are left out.
    """
    get_coupon(coupon_id)
    used = (Order.coupon_id == coupon_id, _COUNTS)
    total = db.session.scalars(select(func.count(Order.id)).where(*used)).one()
    whose = (Customer.shop_id == Order.shop_id) & (Customer.id == Order.customer_id)
    rows = select(Order, Customer).outerjoin(Customer, whose).where(*used).order_by(Order.id.desc())
    found = db.session.execute(rows.offset((page - 1) * limit).limit(limit))
    return [CouponUse(order, customer) for order, customer in found], total


@dataclass(frozen=True, slots=True)
class CouponStats:
    """The number of coupons by state, and the results of all."""

    total: int
    by_state: dict[str, int]
    figures: CouponFigures
    usage_count: int


def coupon_stats(by_state: dict[str, int]) -> CouponStats:
    """Return the statistics of all coupons."""
    uses = db.session.scalars(select(func.coalesce(func.sum(Coupon.usage_count), 0))).one()
    return CouponStats(sum(by_state.values()), by_state, all_figures(), int(uses))
