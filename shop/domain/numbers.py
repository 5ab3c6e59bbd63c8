"""Numbers as people type them in forms: money, points and percentages. JSON uses :mod:`shop.domain.money`."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal

from babel import Locale, UnknownLocaleError
from babel.languages import get_official_languages
from babel.numbers import get_currency_symbol, get_decimal_symbol

from shop.domain.money import format_money, parse_money, stored_digits
from shop.domain.text.cleaning import FULL_WIDTH, INVISIBLE, digits_to_ascii
from shop.domain.text.messages import Translatable

SHILLINGS: Final = {"KES": "k", "UGX": "u", "TZS": "t", "SOS": "so"}
"""Currencies written ``sh`` and ``/=``, with the letter that tells them apart."""
_SPACES = re.compile("\\s+")
_SIGNS = str.maketrans("\uff0c\uff0e\uff0d\uff07\u2019\u2212\u066c", ",.-''- ")
"""Full-width signs, the typographic apostrophe, the minus sign, and the Arabic separator of thousands."""
_PLAIN = re.compile(r"-?\d{1,30}([.,]\d{1,20})?")
_TWO_READINGS = re.compile(r"-?[1-9]\d{0,2}\.\d{3}")
_GROUPED = {
    ".": re.compile(r"-?[1-9]\d{0,2}(?P<sep>[, '])\d{3}(?:(?P=sep)\d{3})*(\.\d{1,20})?"),
    ",": re.compile(r"-?[1-9]\d{0,2}(?P<sep>[. '])\d{3}(?:(?P=sep)\d{3})*(,\d{1,20})?"),
}


@lru_cache(maxsize=300)
def decimal_mark(country: str) -> Literal[".", ","]:
    """Return ``","`` where the first official language of a country writes a decimal comma, else ``"."``."""
    for language in get_official_languages(country):
        try:
            return "," if get_decimal_symbol(Locale.parse(f"{language}_{country}")) == "," else "."
        except (UnknownLocaleError, ValueError):
            continue
    return "."


def parse_number(raw: str, mark: Literal[".", ","] = ".") -> Decimal:
    """Return the number that a person typed; ``mark`` is the decimal mark of the shop's locale.

    Thousands may be grouped by a space, an apostrophe, or the other mark. Raise ValueError with a sentence for text
    that is not a number or is ambiguous.
    """
    text = _SPACES.sub(" ", digits_to_ascii(INVISIBLE.sub("", raw)).strip())
    text = text.translate(_SIGNS).replace("\u066b", mark)
    plain = _PLAIN.fullmatch(text) and (mark == "," or "," not in text)
    ambiguous = mark == "," and _TWO_READINGS.fullmatch(text)
    if ambiguous or not (plain or _GROUPED[mark].fullmatch(text)):
        raise ValueError(Translatable("must be a number such as 1245%(mark)s50", mark=mark))
    groups = " '" if plain else " '," if mark == "." else " '."
    return Decimal(text.translate(dict.fromkeys(map(ord, groups))).replace(",", "."))


def write_number(text: str, mark: Literal[".", ","]) -> str:
    """Return ``1,245.50`` as :func:`parse_number` reads it with a decimal mark: ``1245,50`` with a comma."""
    return text if mark == "." else text.replace(",", "").replace(".", ",")


def write_amount(cents: int, country: str, currency: str) -> str:
    """Return an amount that :func:`parse_amount` reads; 1.234 means 1234 to many who write a decimal comma."""
    plain = format_money(cents, currency)
    return plain if stored_digits(currency) == 2 else write_number(plain, decimal_mark(country))


def parse_amount(raw: str, country: str, currency: str) -> int:
    """Return the minor units of a typed amount, with or without its currency: ``KSh 1,250/=`` in ``KES``.

    Raise ValueError with a sentence for another currency too.
    """
    text = INVISIBLE.sub("", raw).translate(FULL_WIDTH)
    number = parse_number(_currency_marks(currency).sub("", text.strip()), decimal_mark(country))
    return parse_money(number, currency)


@lru_cache(maxsize=200)
def _currency_marks(currency: str) -> re.Pattern[str]:
    """Return what may stand before or after an amount: ``KES``, ``Ksh``, ``sh.``, ``/=``, ``$`` by currency."""
    marks = [rf"{re.escape(currency)}\.?", re.escape(get_currency_symbol(currency, "en"))]
    ends = list(marks)
    if currency in SHILLINGS:
        marks.append(rf"{SHILLINGS[currency]}?shs?\.?")
        ends = [*marks, r"/\s?[=\-\u2010-\u2015\u2212]"]
    return re.compile(rf"^(?:{'|'.join(marks)})\s*(?=[\d\-\u2212])|\s*(?:{'|'.join(ends)})$", re.IGNORECASE)
