"""Coupons at checkout: the discount of a code, and its counted uses."""

from collections.abc import Sequence

from sqlalchemy import bindparam, func, or_, select, update

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.db.session import db
from shop.domain.money import smallest_amount
from shop.domain.pricing.coupons import AppliedCoupon, CouponLine, CouponRefused, CouponTerms, apply_coupon_terms
from shop.domain.text.cleaning import clean_reference
from shop.domain.text.messages import N_
from shop.models import Coupon, Customer, Order, ProductCategory
from shop.models.orders.order import OrderColumns
from shop.services import clock
from shop.services.catalogue.categories import with_descendants
from shop.services.catalogue.products.for_sale import CartLine, PricedLine, price_lines
from shop.services.customers.records import Person
from shop.services.errors import Conflict, InvalidInput
from shop.services.shops.settings import get_settings

_COUPONS, _C = table(Coupon), table(Coupon).c
_O, _P = table(Order).c, table(Customer).c
_THIS = (_C.shop_id == SHOP, _C.id == bindparam("coupon"))
_LEFT = or_(_C.usage_limit.is_(None), _C.usage_count < _C.usage_limit)
TERMS_COLUMNS = tuple(_C[name] for name in CouponTerms._fields)
_FIND = PreparedQuery(select(*TERMS_COLUMNS).where(_C.shop_id == SHOP, _C.code == bindparam("wanted")))
_USE = PreparedQuery(update(_COUPONS).where(*_THIS, _LEFT).values(usage_count=_C.usage_count + 1))
_RETURN = PreparedQuery(update(_COUPONS).where(*_THIS, _C.usage_count > 0).values(usage_count=_C.usage_count - 1))
_LIMIT = PreparedQuery(select(_C.per_customer_limit).where(*_THIS))
_SAME_PERSON = or_(_P.id == bindparam("customer"), _P.phone == bindparam("phone"))
_USES_OF_CUSTOMER = PreparedQuery(
    select(func.count())
    .select_from(table(Order))
    .where(
        _O.shop_id == SHOP,
        _O.coupon_id == bindparam("coupon"),
        _O.coupon_returned.is_(False),
        _O.id != bindparam("order"),
        _O.customer_id.in_(select(_P.id).where(_P.shop_id == SHOP, _SAME_PERSON)),
    )
)


def apply_coupon(code: str, lines: Sequence[PricedLine]) -> AppliedCoupon:
    """Return the discount of a code on a cart.

    Raises InvalidInput with code ``coupon_unknown``, ``coupon_expired``, ``coupon_used_up``, ``coupon_below_minimum``
    or ``coupon_not_applicable``.
    """
    return apply_terms(find_terms(code), lines, get_settings().currency)


def find_terms(code: str) -> CouponTerms | None:
    """Return the terms of the coupon with a code; None if there is none."""
    row = _FIND(wanted=spelt(code)).first()
    return None if row is None else CouponTerms._make(row)


def spelt(code: str) -> str:
    """Return a code as it is stored; one with control characters becomes a code that no coupon has."""
    try:
        return clean_reference(code)
    except ValueError:
        return ""


def apply_terms(coupon: CouponTerms | None, lines: Sequence[PricedLine], currency: str) -> AppliedCoupon:
    """Apply the coupon with a code, None if there is none, as :func:`apply_coupon` does."""
    sorted_in = _products_in(coupon.category_ids, lines) if coupon and coupon.category_ids else frozenset()
    goods = [
        CouponLine(product_id, line.total_cents, line.is_reduced, product_id in sorted_in)
        for product_id, line in ((line.product.product_id, line) for line in lines)
    ]
    return _apply(coupon, goods, currency)


def _products_in(category_ids: Sequence[int], lines: Sequence[PricedLine]) -> frozenset[int]:
    """Return the products of lines that are in some categories or in those below them."""
    found = select(ProductCategory.product_id).where(
        ProductCategory.product_id.in_([line.product.product_id for line in lines]),
        ProductCategory.category_id.in_(with_descendants(*category_ids)),
    )
    return frozenset(db.session.scalars(found))


def try_coupon(code: str, lines: Sequence[CartLine]) -> tuple[AppliedCoupon, int]:
    """Return the discount of a code on a cart, and the cart's subtotal in cents. Raises as :func:`apply_coupon`."""
    priced = price_lines(lines)
    return apply_coupon(code, priced), sum(line.total_cents for line in priced)


def try_terms(coupon: CouponTerms, goods_cents: int) -> AppliedCoupon:
    """Return the discount of a coupon on goods that it is for. Raises as :func:`apply_coupon`."""
    product = next(iter(coupon.product_ids or ()), 0)
    return _apply(
        coupon,
        [CouponLine(product, goods_cents, is_in_category=bool(coupon.category_ids))],
        get_settings().currency,
    )


def _apply(coupon: CouponTerms | None, goods: Sequence[CouponLine], currency: str) -> AppliedCoupon:
    try:
        return apply_coupon_terms(coupon, goods, clock.now(), smallest_amount(currency), currency)
    except CouponRefused as refused:
        raise _refusal(refused.message, refused.code) from None


def _refusal(message: str, code: str) -> InvalidInput:
    return InvalidInput.of("coupon_code", message, code=code)


def use_coupon(coupon: CouponTerms, customer: Person | None, *, order_id: int = 0) -> None:
    """Count one use by a customer, in the caller's transaction, before the order is written.

    ``order_id`` is an order that is edited; it has no use of its own meanwhile. Counting locks the coupon, so
    concurrent uses are serialised and both limits hold. Raises InvalidInput ``coupon_used_up`` if none is left,
    ``coupon_used_by_customer`` if the customer has none left, and ``coupon_needs_customer`` for a coupon with such a
    limit without a known customer.
    """
    if _USE(coupon=coupon.id).rowcount != 1:
        raise _refusal(N_("has been used up"), "coupon_used_up")
    if coupon.per_customer_limit is None:
        return
    if customer is None:
        raise _refusal(N_("can only be used by a customer with an e-mail or phone"), "coupon_needs_customer")
    if _uses_of(coupon.id, customer, order_id) >= coupon.per_customer_limit:
        raise _refusal(N_("has been used as often as one customer may"), "coupon_used_by_customer")


def _uses_of(coupon_id: int, customer: Person, order_id: int) -> int:
    """Count the other orders that used a coupon, of a customer and of others with the same phone."""
    person = {"customer": customer.id, "phone": customer.phone}
    count: int = _USES_OF_CUSTOMER(coupon=coupon_id, order=order_id, **person).scalar_one()
    return count


def return_coupon(order: OrderColumns) -> None:
    """Return the use of an order's coupon, once, in the caller's transaction."""
    if order.coupon_id is None or order.coupon_returned:
        return
    _RETURN(coupon=order.coupon_id)
    order.coupon_returned = True


def retake_coupon(order: OrderColumns, customer: Person | None) -> None:
    """Count the use of an order's coupon by its customer again, in the caller's transaction.

    Raises Conflict ``coupon_used_up`` if no use is left, ``coupon_used_by_customer`` if the customer has none left.
    """
    if order.coupon_id is None or not order.coupon_returned:
        return
    if _USE(coupon=order.coupon_id).rowcount != 1:
        raise Conflict(
            "The coupon %(coupon)s of this order has been used up.", code="coupon_used_up", coupon=order.coupon_code
        )
    limit = _LIMIT(coupon=order.coupon_id).scalar_one() if customer else None
    if customer and limit is not None and _uses_of(order.coupon_id, customer, order.id) >= limit:
        raise Conflict(
            "The customer has used the coupon %(coupon)s as often as one customer may.",
            code="coupon_used_by_customer",
            coupon=order.coupon_code,
        )
    order.coupon_returned = False
