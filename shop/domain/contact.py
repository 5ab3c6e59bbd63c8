"""Normalise e-mail addresses, phone numbers and names (``docs/contract/api.md``, section 1)."""

import re
from functools import lru_cache

import phonenumbers

EMAIL = re.compile(
    r"[^@\s\x00-\x1f\x7f<>,;:\"()\[\]\\]+@[^@\s\x00-\x1f\x7f<>,;:\"()\[\]\\.]+(\.[^@\s\x00-\x1f\x7f<>,;:\"()\[\]\\.]+)+"
)
MAX_EMAIL = 254


def normalize_email(raw: str) -> str:
    """Trimmed and lower-cased; ValueError with a sentence when it is no e-mail address."""
    email = raw.strip().lower()
    if len(email) > MAX_EMAIL or not EMAIL.fullmatch(email):
        raise ValueError("must be an e-mail address such as jane@example.com")
    return email


def normalize_phone(raw: str, country: str) -> str:
    """The number in E.164, read with a country's habits: ``0712345678`` in ``KE`` → ``+254712345678``.

    Raises ValueError with a sentence when it is no phone number.
    """
    try:
        number = phonenumbers.parse(raw, country)
    except phonenumbers.NumberParseException:
        raise ValueError("must be a phone number such as +254712345678") from None
    if not phonenumbers.is_possible_number(number):
        raise ValueError("must be a phone number such as +254712345678")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(maxsize=20_000)
def readable_phone(phone: str, country: str) -> str:
    """An E.164 number as people of a country write it: ``+254712345678`` → ``0712 345678`` in ``KE``, else abroad."""
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return phone
    at_home = number.country_code == phonenumbers.country_code_for_region(country)
    form = phonenumbers.PhoneNumberFormat.NATIONAL if at_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)


def search_text(first_name: str, last_name: str, email: str, phone: str | None) -> str:
    """The text that a search for a customer looks in: names, e-mail and digits, case folded."""
    parts = [first_name, last_name, email, *_digit_forms(phone)]
    return " ".join(part for part in parts if part).casefold()


def search_words(typed: str) -> list[str]:
    """The fragments that must all occur: words as typed, or the digits alone when a phone number was typed."""
    folded = typed.casefold().strip()
    digits = re.sub(r"[\s()./-]", "", folded)
    if re.fullmatch(r"\+?\d{3,}", digits):
        return [digits.lstrip("+")]
    return folded.split()


def _digit_forms(phone: str | None) -> list[str]:
    """``+254712345678`` → ``254712345678`` and ``0712345678``: as dialled from abroad and at home."""
    if not phone:
        return []
    digits = phone.lstrip("+")
    try:
        national = phonenumbers.national_significant_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        return [digits]
    return [digits, f"0{national}"]
