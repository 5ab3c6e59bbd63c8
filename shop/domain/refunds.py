"""What goods that come back are worth in money: their share of what was paid for all the goods (``docs/decisions``)."""

from fractions import Fraction

from shop.domain.rounding import at_most


def money_for_goods(goods_cents: int, subtotal_cents: int, discount_cents: int, tax_cents: int) -> int:
    """Cents to give back when goods of ``goods_cents`` have come back in all: ``goods × paid ÷ subtotal``, never more.

    Paid for the goods was ``subtotal − discount + tax``, never less than nothing; delivery is no part of it. Worked out
    from all the goods that ever came back, so several refunds, in any order, end on the same number as one.
    """
    if subtotal_cents == 0:
        return 0
    paid = max(0, subtotal_cents - discount_cents + tax_cents)
    return at_most(Fraction(goods_cents * paid, subtotal_cents))
