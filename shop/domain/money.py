"""Money as integer minor units (hundredths), and its two JSON forms (``docs/contract/api.md``, section 1)."""

from decimal import Decimal, InvalidOperation
from functools import lru_cache

from babel.numbers import get_currency_precision

from shop.domain.text.messages import N_

MAX_CENTS = 9_999_999_999_999
"""99,999,999,999.99, the largest amount accepted: exact in 64 bits and in JSON numbers."""


def parse_money(value: str | int | Decimal) -> int:
    """Return the cents of ``"2400.00"``, ``2400`` or ``Decimal("2400.5")``.

    Raise ValueError with a sentence if it is not a number, is negative, has more than two decimals, or is larger than
    :data:`MAX_CENTS`.
    """
    amount = parse_decimal(value)
    if amount < 0:
        raise ValueError("must not be negative")
    if amount > Decimal(MAX_CENTS) / 100:
        raise ValueError("is too large")
    cents = amount * 100
    if cents != int(cents):
        raise ValueError("must have at most two decimals")
    return int(cents)


@lru_cache(256)
def currency_exponent(currency: str) -> int:
    """Return how many decimals a currency (ISO 4217) has: 0 for JPY and UGX, 2 for KES; 2 for an unknown code."""
    return get_currency_precision(currency)


def smallest_amount(currency: str) -> int:
    """Return the smallest amount of a currency in hundredths: 100 for JPY, 1 for KES, 1 for three decimals or more."""
    return int(10 ** max(0, 2 - currency_exponent(currency)))


def whole_units(cents: int, unit_cents: int) -> int:
    """Return the largest amount up to ``cents`` that consists of whole units."""
    return cents - cents % unit_cents


def half_up(dividend: int, divisor: int) -> int:
    """Return a quotient rounded half up to a whole number; the divisor is positive."""
    return (2 * dividend + divisor) // (2 * divisor)


def parse_decimal(value: str | int | Decimal) -> Decimal:
    """Return an exact, finite Decimal of moderate size. Raise ValueError otherwise, also for ``bool`` and ``float``."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError("must be a number")
    if isinstance(value, str) and (len(value) > 40 or not value.isascii() or "_" in value):
        raise ValueError("must be a number")
    if isinstance(value, int) and value.bit_length() > 64:
        raise ValueError("is too large")
    try:
        amount = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        raise ValueError("must be a number") from None
    if not amount.is_finite():
        raise ValueError("must be a number")
    if amount and not -20 < amount.adjusted() < 20:
        raise ValueError(N_("is too large") if amount.adjusted() > 0 else N_("has too many decimals"))
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -20:
        raise ValueError("has too many decimals")
    return amount


@lru_cache(4_096)
def format_money(cents: int) -> str:
    """Return ``240000`` as ``"2400.00"``, the form of money in orders, products, coupons and shipping."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def plain_decimal(value: Decimal) -> str:
    """Return a Decimal without exponent or trailing zeros: ``1E+2`` as ``"100"``, ``0.10`` as ``"0.1"``."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
