"""An order's amounts, to compare before and after an edit."""

from collections.abc import Sequence
from dataclasses import dataclass

from shop.domain.loyalty.points import LoyaltyRules, points_earned
from shop.domain.pricing.taxes import TaxLine
from shop.services.orders.pricing.quote import Quote
from shop.services.orders.repository import OrderRecord


@dataclass(frozen=True, slots=True)
class OrderSums:
    """Amounts in minor units, points redeemed, and points that the order earns if it is paid or done."""

    subtotal_cents: int
    discount_cents: int
    coupon_cents: int
    points_cents: int
    shipping_cents: int
    tax_cents: int
    total_cents: int
    points_redeemed: int
    points_to_earn: int
    tax_lines: Sequence[TaxLine] = ()

    @classmethod
    def of(cls, order: OrderRecord) -> "OrderSums":
        """Return the amounts of an order."""
        rules = LoyaltyRules.from_json(order.loyalty_rules)
        return cls(
            subtotal_cents=order.subtotal_cents,
            discount_cents=order.discount_cents - order.coupon_discount_cents - order.points_discount_cents,
            coupon_cents=order.coupon_discount_cents,
            points_cents=order.points_discount_cents,
            shipping_cents=order.shipping_cents,
            tax_cents=order.tax_cents,
            total_cents=order.total_cents,
            points_redeemed=order.points_redeemed - order.points_returned,
            points_to_earn=points_earned(order.subtotal_cents, rules) if rules.enabled and order.customer_id else 0,
            tax_lines=order.tax_lines,
        )

    @classmethod
    def of_quote(cls, quote: Quote) -> "OrderSums":
        """Return the amounts of an order that is not placed yet."""
        return cls(
            subtotal_cents=quote.subtotal_cents,
            discount_cents=quote.discount_cents,
            coupon_cents=quote.coupon_cents,
            points_cents=quote.points_cents,
            shipping_cents=quote.shipping_cents,
            tax_cents=quote.taxes.added_cents,
            total_cents=quote.total_cents,
            points_redeemed=quote.points,
            points_to_earn=quote.preview.points_to_earn,
            tax_lines=quote.taxes.lines,
        )
