"""SMS texts: the GSM-7 alphabet (3GPP TS 23.038) and how many segments a text takes."""

import unicodedata
from dataclasses import dataclass
from typing import Final

BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED: Final = frozenset("\f^{}\\[~]|€")
"""Letters that take two places: an escape comes before them."""
REPLACEMENTS: Final = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—−", "-"),
        **dict.fromkeys("\u00a0\u2007\u2009\u202f\t", " "),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", ""),
        "…": "...",
        "•": "-",
        "·": "-",
        "×": "x",
    }
)


@dataclass(frozen=True, slots=True)
class SmsLength:
    """The length of a text: its places (septets, or UTF-16 units), how many fit its segments, and the segments."""

    units: int
    limit: int
    segments: int
    is_gsm: bool


def fit_gsm(text: str) -> str:
    """Return the text with what GSM-7 lacks replaced where that loses little: typographic characters and accents.

    Letters without a Latin base letter, such as emoji, stay; the whole text is then sent in UCS-2.
    """
    return "".join(_fit(char) for char in unicodedata.normalize("NFC", text).translate(REPLACEMENTS))


def _fit(char: str) -> str:
    if char in BASIC or char in EXTENDED:
        return char
    base = unicodedata.normalize("NFD", char)[0]
    return base if base in BASIC and base.isascii() else char


def measure(text: str) -> SmsLength:
    """Return the length of a text as it is; :func:`fit_gsm` comes first."""
    if all(char in BASIC or char in EXTENDED for char in text):
        return _length([2 if char in EXTENDED else 1 for char in text], 160, 153, is_gsm=True)
    return _length([2 if ord(char) > 0xFFFF else 1 for char in text], 70, 67, is_gsm=False)


def _length(units: list[int], single: int, part: int, *, is_gsm: bool) -> SmsLength:
    """Fill segments without dividing a character that takes two places."""
    total = sum(units)
    if total <= single:
        return SmsLength(total, single, 1, is_gsm)
    segments, used = 1, 0
    for size in units:
        if used + size > part:
            segments, used = segments + 1, 0
        used += size
    return SmsLength(total, segments * part, segments, is_gsm)
