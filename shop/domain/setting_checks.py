"""Checks of settings: each returns the text to store, or raises ValueError with a sentence."""

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from ipaddress import IPv6Address
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import phonenumbers

from shop.domain.customers.contact import normalize_email
from shop.domain.logos import parse_logo
from shop.domain.money import format_money, parse_decimal, parse_money, plain_decimal, stored_digits
from shop.domain.text.cleaning import clean_line
from shop.domain.text.hosts import ascii_host
from shop.domain.text.messages import N_, Translatable

Raw = str | int | bool | Decimal


def _boolean(raw: Raw) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    word = str(raw).strip().lower()
    if word in {"true", "1"}:
        return "true"
    if word in {"false", "0"}:
        return "false"
    raise ValueError("must be true or false")


def _choice(*words: str) -> Callable[[Raw], str]:
    def clean(raw: Raw) -> str:
        word = str(raw).strip()
        if isinstance(raw, bool) or word not in words:
            raise ValueError(Translatable("must be one of %(choices)s", choices=", ".join(words)))
        return word

    return clean


def _codes(*words: str) -> Callable[[Raw], str]:
    """Check a list of some of the words, separated by commas, none of them twice."""

    def clean(raw: Raw) -> str:
        found = [part.strip() for part in str(raw).split(",") if part.strip()]
        if not found or len(set(found)) != len(found) or not set(found) <= set(words):
            raise ValueError(Translatable("must be some of %(choices)s, separated by commas", choices=", ".join(words)))
        return ",".join(found)

    return clean


def _decimal(low: int, high: int, *, places: int, above_low: bool = False) -> Callable[[Raw], str]:
    def clean(raw: Raw) -> str:
        value = parse_decimal(raw)
        if value > high or value < low or (above_low and value == low):
            above, between = N_("must be above %(low)s and at most %(high)s"), N_("must be from %(low)s to %(high)s")
            template = above if above_low else between
            raise ValueError(Translatable(template, low=low, high=f"{high:,}"))
        if value != round(value, places):
            raise ValueError(Translatable("must have at most %(places)s decimals", places=places))
        return plain_decimal(value + 0)  # without the sign of -0

    return clean


def _integer(low: int, high: int) -> Callable[[Raw], str]:
    def clean(raw: Raw) -> str:
        value = parse_decimal(raw)
        if value != int(value):
            raise ValueError("must be a whole number")
        if not low <= value <= high:
            raise ValueError(Translatable("must be from %(low)s to %(high)s", low=low, high=f"{high:,}"))
        return str(int(value))

    return clean


def _money(raw: Raw, currency: str = "") -> str:
    if isinstance(raw, bool):
        raise ValueError("must be an amount of money")
    return format_money(parse_money(raw, currency), currency).removesuffix("." + "0" * stored_digits(currency))


def _text(low: int, high: int) -> Callable[[Raw], str]:
    def clean(raw: Raw) -> str:
        if not isinstance(raw, str):
            raise ValueError("must be text")
        text = clean_line(raw)
        if not low <= len(text) <= high:
            between, most = N_("must have %(low)s to %(high)s characters"), N_("must have at most %(high)s characters")
            template = between if low else most
            raise ValueError(Translatable(template, low=low, high=high))
        return text

    return clean


def _currency(raw: Raw) -> str:
    code = str(raw).strip().upper()
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise ValueError("must be a currency code of three letters, such as KES")
    return code


def _country(raw: Raw) -> str:
    code = str(raw).strip().upper()
    if code not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("must be a country code of two letters, such as KE")
    return code


def _timezone(raw: Raw) -> str:
    name = str(raw).strip()
    if name not in _time_zones():
        raise ValueError("must be a time zone such as Africa/Nairobi")
    return name


@lru_cache(1)
def _time_zones() -> frozenset[str]:
    """Return the names of time zones, without files that are no place's or differ between machines."""
    return frozenset(available_timezones() - {"Factory", "localtime", "posixrules"})


def _email(raw: Raw) -> str:
    return normalize_email(str(raw)) if str(raw).strip() else ""


HOST_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*", re.ASCII)
DEFAULT_PORTS = {"http": 80, "https": 443}
"""Ports that browsers leave out of an origin."""


def clean_origin(raw: str) -> str:
    """Return an origin as browsers send it: ``https://shop.example.com``, an IPv6 host in brackets, IDN in punycode.

    Raise ValueError unless it is scheme, host and port alone: anything else could add to a Content-Security-Policy.
    """
    wrong = ValueError("must be an origin such as https://shop.example.com")
    try:
        parts = urlsplit(clean_line(raw).rstrip("/"))
        host, port = ascii_host(parts.hostname or ""), parts.port
        host = f"[{IPv6Address(host).compressed}]" if ":" in host else host
    except ValueError:
        raise wrong from None
    if not host.startswith("[") and not HOST_NAME.fullmatch(host):
        raise wrong
    if parts.scheme not in {"http", "https"} or parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise wrong
    return f"{parts.scheme}://{host}{f':{port}' if port and port != DEFAULT_PORTS[parts.scheme] else ''}"


def _origins(raw: Raw) -> str:
    if not isinstance(raw, str):
        raise ValueError("must be text")
    found = [clean_origin(part) for part in re.split(r"[\s,]+", raw) if part]
    if len(found) > 50:
        raise ValueError("must be at most 50 origins")
    return " ".join(dict.fromkeys(found))


def _color(raw: Raw) -> str:
    found = re.fullmatch(r"#?([0-9a-f]{3}|[0-9a-f]{6})", str(raw).strip().lower())
    if found is None:
        raise ValueError("must be a colour such as #e08a00")
    digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
    return f"#{digits}"


def _logo(raw: Raw) -> str:
    text = str(raw).strip()
    parse_logo(text)
    return text


def _url(raw: Raw) -> str:
    text = clean_line(str(raw))
    if not text:
        return ""
    if len(text) > 500 or not re.fullmatch(r"https?://[^\s/?#]+[^\s]*", text):
        raise ValueError("must be a web address such as https://shop.example.com")
    return text
