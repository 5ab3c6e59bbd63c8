"""The refund for returned goods: their share of what was paid for all goods (``docs/decisions``)."""

from fractions import Fraction

from shop.domain.loyalty.rounding import at_most


def money_for_goods(
    goods_cents: int, subtotal_cents: int, discount_cents: int, tax_cents: int, unit_cents: int = 1
) -> int:
    """Return the cents to refund for returned goods of ``goods_cents`` in all: at most ``goods × paid ÷ subtotal``.

    Paid for the goods is ``subtotal − discount + tax``, at least 0, without delivery. Calculated from all goods
    returned so far, so several refunds in any order give the same total as one. The result is a multiple of
    ``unit_cents``, the smallest amount of the currency.
    """
    if subtotal_cents == 0:
        return 0
    paid = max(0, subtotal_cents - discount_cents + tax_cents)
    return at_most(Fraction(goods_cents * paid, subtotal_cents * unit_cents)) * unit_cents
