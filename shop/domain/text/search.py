"""Normalisation of stored texts and search terms: case, accents and width do not matter."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

import phonenumbers

from shop.domain.customers.contact import readable_email
from shop.domain.text.cleaning import INVISIBLE, digits_to_ascii

MIN_PHONE_DIGITS: Final = 4
APOSTROPHES: Final = "'`´‘’‛ʹʻʼʽˈ′＇"
SEPARATORS: Final = "-‐‑‒–—―−﹘﹣－,،、，"
LETTERS: Final = {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ɓ": "b", "ɗ": "d", "ƙ": "k",
                  "ƴ": "y", "æ": "ae", "œ": "oe", "þ": "th", "ـ": ""}  # fmt: skip
"""Letters with strokes or hooks, and ligatures, that Unicode does not decompose; and the Arabic stroke that widens."""
_DROPPED: Final = (
    dict.fromkeys(map(ord, APOSTROPHES))
    | dict.fromkeys(map(ord, SEPARATORS), " ")
    | {ord(letter): plain for letter, plain in LETTERS.items()}
)
_PHONE: Final = re.compile(r"(?:tel: ?)?\(?(?:\+|00)?[0-9][0-9 ()./]*")
_TRUNK_ZERO: Final = re.compile(r"\( ?0 ?\)")


def normalize_search(text: str) -> str:
    """Return ``text`` in the form that searches compare.

    NFKD without marks and invisible characters, case-folded; letters of :data:`LETTERS` as those they look like.
    Apostrophes are removed; hyphens, commas and every kind of space become one space.
    """
    text = INVISIBLE.sub("", text)
    plain = unicodedata.normalize("NFKD", text.translate(_DROPPED))
    if not plain.isascii():
        plain = "".join(letter for letter in plain if unicodedata.category(letter) not in ("Mn", "Me", "Cf"))
        plain = unicodedata.normalize("NFKD", plain.casefold())
        plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(plain.casefold().translate(_DROPPED).split())


def search_text(first_name: str, last_name: str, email: str | None, phone: str | None) -> str:
    """Return the searchable text of a customer: name, e-mail and the digits of the phone.

    Words are separated by one space, with one at each end, so that ``" word"`` matches the beginning of a word. The
    name comes first, so that sorting by this text sorts by name.
    """
    parts = [first_name, last_name, *_email_forms(email), *_digit_forms(phone)]
    return f" {normalize_search(' '.join(parts))} "


@lru_cache(maxsize=1_000)
def search_words(typed: str) -> tuple[str, ...]:
    """Return the words that must all match; a phone number in any format is one word of digits."""
    text = normalize_search(typed)
    digits = _phone_digits(digits_to_ascii(text))
    return (digits,) if digits else tuple(_phone_digits(digits_to_ascii(word)) or word for word in text.split())


def _phone_digits(text: str) -> str:
    """Return ``+254 (0)712 345 678`` as ``254712345678``; empty if it is not a phone number or part of one."""
    if not _PHONE.fullmatch(text):
        return ""
    number = text.removeprefix("tel:").strip()
    is_international = number.startswith(("+", "00"))
    number = _TRUNK_ZERO.sub("", number, count=1) if is_international else number
    digits = re.sub(r"[^0-9]", "", number)
    digits = digits.removeprefix("00") if number.startswith("00") else digits
    return digits if len(digits) >= MIN_PHONE_DIGITS else ""


def _email_forms(email: str | None) -> list[str]:
    """Return the address, and also with its domain in Unicode if that differs."""
    return list(dict.fromkeys([email, readable_email(email)])) if email else []


def _digit_forms(phone: str | None) -> list[str]:
    """Return ``+254712345678`` as ``254712345678`` and ``0712345678``: international and national format."""
    if not phone:
        return []
    digits = phone.lstrip("+")
    try:
        national = phonenumbers.national_significant_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        return [digits]
    return [digits, f"0{national}"]


def is_one_slip(typed: str, known: str) -> bool:
    """Return whether two words differ by one letter left out, added or mistaken, or by two that changed places."""
    start = next((place for place, (a, b) in enumerate(zip(typed, known, strict=False)) if a != b), None)
    if start is None:
        return abs(len(typed) - len(known)) == 1
    a, b = typed[start:], known[start:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    return max(len(a), len(b)) <= 1 or (len(a) == len(b) == 2 and a == b[::-1])
