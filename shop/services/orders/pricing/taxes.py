"""The taxes of an order: calculated, stored, and allocated to refunds."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, select, update

from shop.db.by_ids import IdsQuery
from shop.db.prepared import SHOP, PreparedQuery, table
from shop.domain.money import smallest_amount
from shop.domain.pricing.coupons import AppliedCoupon
from shop.domain.pricing.taxes import (
    NO_TAXES,
    TaxedPart,
    Taxes,
    TaxLine,
    TaxRules,
    calculate_taxes,
    spread_discounts,
)
from shop.models import OrderTaxLine, Product
from shop.models.orders.order import OrderColumns
from shop.services.catalogue.products.for_sale import PricedLine
from shop.services.orders.repository import ItemRecord
from shop.services.shops.settings import ShopSettings
from shop.services.taxes.rules import load_tax_rules

_T, _P = table(OrderTaxLine).c, table(Product).c
_OF_ORDER = (_T.shop_id == SHOP, _T.order_id == bindparam("order"))
_INSERT = PreparedQuery(insert(table(OrderTaxLine)))
_DELETE = PreparedQuery(delete(table(OrderTaxLine)).where(*_OF_ORDER))
_READ = PreparedQuery(select(table(OrderTaxLine)).where(*_OF_ORDER).order_by(_T.code))
_REFUND = PreparedQuery(
    update(table(OrderTaxLine))
    .where(_T.shop_id == SHOP, _T.id == bindparam("line"))
    .values(refunded_net_cents=bindparam("net"), refunded_tax_cents=bindparam("tax"))
)

_CLASSES = IdsQuery(lambda ids: select(_P.id, _P.tax_class).where(_P.shop_id == SHOP, _P.id.in_(ids)))


class TaxedDelivery(NamedTuple):
    """The price of an order's delivery, and its tax class."""

    tax_class: str = ""
    cents: int = 0


def tax_order(
    lines: Sequence[PricedLine],
    coupon: AppliedCoupon | None,
    discount_cents: int,
    delivery: TaxedDelivery,
    rules: TaxRules | None,
    unit_cents: int,
) -> Taxes:
    """Return the taxes of lines and a delivery; ``discount_cents`` are by points and staff, on all lines."""
    if rules is None:
        return NO_TAXES
    cents = [line.total_cents for line in lines]
    of_coupon = [(coupon.discount_cents, coupon.line_cents)] if coupon else []
    left = spread_discounts(cents, [*of_coupon, (discount_cents, cents)], unit_cents)
    parts = [TaxedPart(line.product.tax_class or "", paid) for line, paid in zip(lines, left, strict=True)]
    if delivery.cents:
        parts.append(TaxedPart(delivery.tax_class, delivery.cents))
    return calculate_taxes(parts, rules, unit_cents)


def tax_sale(items: Sequence[ItemRecord], total_cents: int, settings: ShopSettings, sold_at: datetime) -> Taxes:
    """Return the taxes of a sale at the till, included in what was paid whatever the shop's prices include.

    A sale without items is taxed by the shop's default class.
    """
    rules = load_tax_rules(settings, sold_at)
    if rules is None:
        return NO_TAXES
    products = [item.product_id for item in items if item.product_id is not None]
    classes = {row.id: row.tax_class for row in _CLASSES(products)}
    parts = [TaxedPart(classes.get(item.product_id) or "", item.price_cents * item.quantity) for item in items]
    paid = parts or [TaxedPart("", total_cents)]
    return calculate_taxes(paid, replace(rules, is_included=True), settings.rules.unit_cents)


def write_taxes(order_id: int, taxes: Taxes) -> None:
    """Insert the taxes of an order, in the caller's transaction."""
    if taxes.lines:
        refunded = {"refunded_net_cents": 0, "refunded_tax_cents": 0}
        _INSERT.many([line._asdict() | refunded | {"order_id": order_id} for line in taxes.lines])


def replace_taxes(order_id: int, taxes: Taxes) -> None:
    """Replace the taxes of an order without refunds, in the caller's transaction."""
    _DELETE(order=order_id)
    write_taxes(order_id, taxes)


def refund_taxes(order: OrderColumns, amount_cents: int, goods: Mapping[str, int]) -> None:
    """Add a refund to the refunded taxes of each class, in the caller's transaction.

    ``goods`` are the refunded pieces by class, in minor units, which count first. The rest is allocated to all classes
    in proportion to what is left. A full refund refunds all taxes.
    """
    lines = _READ(order=order.id).all()
    if not lines:
        return
    paid = [line.net_cents + line.tax_cents for line in lines]
    left = [of - line.refunded_net_cents - line.refunded_tax_cents for of, line in zip(paid, lines, strict=True)]
    weights = [goods.get(line.code, 0) for line in lines] if goods else left
    after = spread_discounts(left, [(amount_cents, weights)], smallest_amount(order.currency))
    for line, whole, rest in zip(lines, paid, after, strict=True):
        tax = line.tax_cents * (whole - rest) // whole if whole else 0
        _REFUND(line=line.id, net=whole - rest - tax, tax=tax)


def tax_line(row: OrderTaxLine) -> TaxLine:
    """Return a stored tax line in the form of the calculation."""
    return TaxLine(row.code, row.name, row.rate, row.net_cents, row.tax_cents, row.is_included)
