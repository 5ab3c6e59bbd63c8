"""Money as integer minor units, and its two JSON forms (``docs/contract/api.md``, section 1).

An amount is stored as a whole number of minor units: thousandths for KWD and other currencies of three decimals, else
hundredths, also where a currency has no decimals (``docs/decisions/currency-digits.md``). Only this module knows how
many minor units an amount of 1 has; everything else names the currency.
"""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final

from babel.numbers import get_currency_precision

from shop.domain.text.messages import N_, Translatable

MAX_CENTS = 9_999_999_999_999
"""The largest amount accepted in minor units, 99,999,999,999.99 of most currencies: exact in 64 bits and in JSON."""
HUNDREDTHS: Final = 100
"""Hundredths of a per cent in a per cent: rates of taxes and values of coupons."""
ISO_4217: Final = {"IQD": 3}
"""Decimals by ISO 4217 where the library follows everyday use, which has no fils in Iraq."""
_DECIMAL: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
TOO_FINE: Final = {2: N_("must have at most two decimals"), 3: N_("must have at most three decimals")}


def parse_money(value: str | int | Decimal, currency: str = "") -> int:
    """Return the minor units of ``"2400.00"``, ``2400`` or ``Decimal("2400.5")`` of a currency.

    Raise ValueError with a sentence if it is not a number, is negative, has more decimals than amounts of the currency
    are stored with, or is larger than :data:`MAX_CENTS`. Without a currency minor units are hundredths.
    """
    amount = parse_decimal(value)
    if amount < 0:
        raise ValueError("must not be negative")
    unit = minor_units(currency)
    if amount > Decimal(MAX_CENTS) / unit:
        raise ValueError("is too large")
    minor = amount * unit
    if minor != int(minor):
        raise ValueError(TOO_FINE.get(stored_digits(currency), "has too many decimals"))
    return int(minor)


@lru_cache(256)
def currency_exponent(currency: str) -> int:
    """Return how many decimals a currency (ISO 4217) has: 0 for JPY and UGX, 2 for KES, 3 for KWD; 2 if unknown."""
    return ISO_4217.get(currency, get_currency_precision(currency))


def stored_digits(currency: str) -> int:
    """Return with how many decimals amounts of a currency are stored: 3 for KWD, 2 for KES and for JPY."""
    return max(2, currency_exponent(currency))


@lru_cache(256)
def minor_units(currency: str) -> int:
    """Return how many minor units an amount of 1 has: 1000 for KWD, 100 for KES and for JPY."""
    return int(10 ** stored_digits(currency))


def smallest_amount(currency: str) -> int:
    """Return the smallest amount of a currency in minor units: 100 for JPY, 1 for KES and KWD."""
    return int(10 ** (stored_digits(currency) - currency_exponent(currency)))


def whole_units(cents: int, unit_cents: int) -> int:
    """Return the largest amount up to ``cents`` that consists of whole units."""
    return cents - cents % unit_cents


def half_up(dividend: int, divisor: int) -> int:
    """Return a quotient rounded half up to a whole number; the divisor is positive."""
    return (2 * dividend + divisor) // (2 * divisor)


def parse_decimal(value: str | int | Decimal) -> Decimal:
    """Return an exact, finite Decimal of moderate size. Raise ValueError otherwise, also for ``bool`` and ``float``.

    A text has digits and at most a minus sign and a decimal point: no exponent, sign ``+``, group or space.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError("must be a number")
    if isinstance(value, str) and (len(value) > 40 or not _DECIMAL.fullmatch(value)):
        raise ValueError(Translatable("must be a number such as 1245%(mark)s50", mark="."))
    if isinstance(value, int) and value.bit_length() > 64:
        raise ValueError("is too large")
    amount = Decimal(value)
    if not amount.is_finite():
        raise ValueError("must be a number")
    if amount and not -20 < amount.adjusted() < 20:
        raise ValueError(N_("is too large") if amount.adjusted() > 0 else N_("has too many decimals"))
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -20:
        raise ValueError("has too many decimals")
    return amount


@lru_cache(4_096)
def format_money(cents: int, currency: str = "") -> str:
    """Return ``240000`` as ``"2400.00"``, in KWD as ``"240.000"``: money in orders, products, coupons and shipping."""
    unit, digits = minor_units(currency), stored_digits(currency)
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // unit}.{abs(cents) % unit:0{digits}d}"


def format_percent(hundredths: int) -> str:
    """Return ``1600`` hundredths of a per cent as ``"16.00"``."""
    return format_money(hundredths)


def ten_thousandths(text: str) -> int:
    """Return ``"0.80"`` as 8000: an amount in the currency of a provider of messages."""
    return int(Decimal(text) * 10_000)


def plain_decimal(value: Decimal) -> str:
    """Return a Decimal without exponent or trailing zeros: ``1E+2`` as ``"100"``, ``0.10`` as ``"0.1"``."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
