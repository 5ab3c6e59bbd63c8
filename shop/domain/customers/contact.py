"""E-mail addresses and phone numbers: how they are read, compared, shown and searched."""

import re
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from shop.domain.text.cleaning import FULL_WIDTH, HYPHENS, clean_line, digits_to_ascii
from shop.domain.text.messages import N_, Translatable

MAX_EMAIL = 254  # email-validator refuses longer ones
_PHONE = re.compile(r"\+?[0-9\s()./-]{3,60}")
_BRACKETED_CODE = re.compile(r"^\( ?((?:\+|00)[0-9]{1,3}) ?\)")
"""A country code in brackets, as in (+254) 712 345678."""
_DOTS = str.maketrans("·•∙‧․[]", ".....()")
"""Dots between groups of digits as pages and mails show them, and brackets."""
_TRUNK_ZERO = re.compile(r"(?<=\d)\s*\(0\)")
NO_EMAIL = N_("must be an e-mail address such as jane@example.com")
NO_PHONE = N_("must be a phone number such as %(national)s or %(international)s")
_NO_EXAMPLE = "KE"
"""Whose example is shown in a country without phone numbers of its own."""


def normalize_email(raw: str) -> str:
    """Return an address as it is stored and compared: lower case, domain in its ASCII (punycode) form.

    Raise ValueError with a sentence if no mail can be sent to it.
    """
    try:
        text = clean_line(raw)
    except ValueError:
        raise ValueError(NO_EMAIL) from None
    return _email_key(text)


@lru_cache(maxsize=20_000)
def _email_key(text: str) -> str:
    local = text.rpartition("@")[0]
    if local and not local.isascii():
        raise ValueError("must be an e-mail address with only unaccented letters, digits and signs before the @")
    try:
        found = validate_email(text, allow_smtputf8=False, check_deliverability=False, strict=True)
    except (EmailNotValidError, UnicodeError):
        raise ValueError(NO_EMAIL) from None
    return f"{found.ascii_local_part}@{found.ascii_domain}".lower()


def readable_email(email: str) -> str:
    """Return a stored address with its domain in Unicode: ``jane@xn--bcher-kva.example`` → ``jane@bücher.example``."""
    if "xn--" not in email:
        return email
    try:
        found = validate_email(email, allow_smtputf8=False, check_deliverability=False)
    except (EmailNotValidError, UnicodeError):
        return email
    return f"{found.local_part}@{found.domain}"


def normalize_phone(raw: str, country: str) -> str:
    """Return a number in E.164, read with a country's habits: ``0712 345 678`` in ``KE`` → ``+254712345678``.

    Raise ValueError with a sentence if it is not a phone number in use.
    """
    try:
        text = clean_line(raw)
    except ValueError:
        raise _no_phone(country) from None
    return _phone_key(text, country)


@lru_cache(maxsize=20_000)
def _phone_key(text: str, country: str) -> str:
    typed = digits_to_ascii(HYPHENS.sub("-", text).translate(FULL_WIDTH).translate(_DOTS)).strip()
    typed = re.sub(r"^tel:\s*", "", typed, flags=re.IGNORECASE)
    typed = _BRACKETED_CODE.sub(r"\1 ", typed)
    if not _PHONE.fullmatch(typed):
        raise _no_phone(country)
    for candidate in dict.fromkeys((_TRUNK_ZERO.sub("", typed), typed)):
        if (number := _parse(candidate, country)) is not None:
            return phonenumbers.format_number(number, PhoneNumberFormat.E164)
    raise _no_phone(country)


def _no_phone(country: str) -> ValueError:
    examples = {"national": phone_example(country), "international": _e164_example(country)}
    return ValueError(Translatable(NO_PHONE, **examples))


def _parse(typed: str, country: str) -> PhoneNumber | None:
    """Return the number, or None if it is not valid in its country. ``00`` is read as ``+`` if nothing else fits."""
    digits = re.sub(r"\D", "", typed)
    forms = [typed, f"+{digits[2:]}"] if digits.startswith("00") else [typed]
    for form in forms:
        try:
            number = phonenumbers.parse(form, country)
        except NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return number
    return None


@lru_cache(maxsize=20_000)
def readable_phone(phone: str, country: str) -> str:
    """Return an E.164 number in national form for its own country (``0712 345678`` in ``KE``), else international."""
    try:
        number = phonenumbers.parse(phone)
    except NumberParseException:
        return phone
    national = number.country_code == phonenumbers.country_code_for_region(country)
    form = PhoneNumberFormat.NATIONAL if national else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)


def phones_beginning(digits: str, country: str) -> tuple[str, str]:
    """Return the first phone in E.164 that begins with the digits typed in a country, and the first after all such."""
    code, trunk = str(phonenumbers.country_code_for_region(country)), phonenumbers.ndd_prefix_for_region(country, True)
    if trunk and digits.startswith(trunk):
        start = code + digits.removeprefix(trunk)
    else:
        start = digits if digits.startswith(code) else code + digits
    return f"+{start}", f"+{int(start) + 1}"


def phone_example(country: str) -> str:
    """Return a mobile number as a country writes it: ``0712 123456`` in ``KE``."""
    return readable_phone(_e164_example(country), country)


def phone_start(country: str) -> str:
    """Return how mobile numbers begin, ``07`` in ``KE``; empty where they have no trunk prefix."""
    digits = re.sub(r"\D", "", phone_example(country))
    prefix = phonenumbers.ndd_prefix_for_region(country, True)
    return digits[:2] if prefix and digits.startswith(prefix) else ""


@lru_cache(maxsize=300)
def _e164_example(country: str) -> str:
    number = phonenumbers.example_number_for_type(country, PhoneNumberType.MOBILE)
    if number is None:
        return _e164_example(_NO_EXAMPLE)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def full_name(first_name: str | None, last_name: str | None, email: str | None = None, phone: str | None = None) -> str:
    """Return a customer's display name: first and last name, else e-mail, else phone."""
    return f"{first_name or ''} {last_name or ''}".strip() or email or phone or ""


def card_number(external_id: str | None, phone: str | None, email: str | None) -> str:
    """Return what a customer's card says, by which the till finds them: the first of the three that they have."""
    return external_id or phone or email or ""
