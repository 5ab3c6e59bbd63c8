"""A shop's settings: types, ranges, defaults (``docs/contract/api.md``, section 3). Values are stored as text."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from ipaddress import IPv6Address
from typing import cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers

from shop.domain.customers.contact import normalize_email
from shop.domain.loyalty.points import AwardTrigger, LoyaltyRules, RefundReturns
from shop.domain.money import format_money, parse_decimal, parse_money, plain_decimal, smallest_amount
from shop.domain.text.cleaning import clean_line
from shop.domain.text.languages import ENGLISH, LANGUAGES
from shop.domain.text.messages import N_, Translatable

Raw = str | int | bool | Decimal


@dataclass(frozen=True, slots=True)
class Setting:
    """One known setting: how its text is read and cleaned, what it is without a value, and who may see it."""

    key: str
    default: str
    clean: Callable[[Raw], str]
    """The text to keep for a value that came in; ValueError with a sentence when it is out of range."""
    help: str
    public: bool = False


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


def _decimal(low: int, high: int, *, places: int, above_low: bool = False) -> Callable[[Raw], str]:
    def clean(raw: Raw) -> str:
        value = parse_decimal(raw)
        if value > high or value < low or (above_low and value == low):
            above, between = N_("must be above %(low)s and at most %(high)s"), N_("must be from %(low)s to %(high)s")
            template = above if above_low else between
            raise ValueError(Translatable(template, low=low, high=f"{high:,}"))
        if value != round(value, places):
            raise ValueError(Translatable("must have at most %(places)s decimals", places=places))
        return plain_decimal(value)

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


def _money(raw: Raw) -> str:
    if isinstance(raw, bool):
        raise ValueError("must be an amount of money")
    return format_money(parse_money(raw)).removesuffix(".00")


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
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be a time zone such as Africa/Nairobi") from None
    return name


def _email(raw: Raw) -> str:
    return normalize_email(str(raw)) if str(raw).strip() else ""


HOST_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?", re.ASCII)


def clean_origin(raw: str) -> str:
    """Return an origin as browsers send it: ``https://shop.example.com``, an IPv6 host in brackets.

    Raise ValueError unless it is scheme, host and port alone: anything else could add to a Content-Security-Policy.
    """
    wrong = ValueError("must be an origin such as https://shop.example.com")
    try:
        parts = urlsplit(raw.strip().rstrip("/"))
        host, port = parts.hostname or "", parts.port
        host = f"[{IPv6Address(host).compressed}]" if ":" in host else host
    except ValueError:
        raise wrong from None
    if not host.startswith("[") and not HOST_NAME.fullmatch(host):
        raise wrong
    if parts.scheme not in {"http", "https"} or parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise wrong
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}"


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


def _url(raw: Raw) -> str:
    text = str(raw).strip()
    if not text:
        return ""
    if len(text) > 500 or not re.fullmatch(r"https?://[^\s/?#]+[^\s]*", text):
        raise ValueError("must be a web address such as https://shop.example.com")
    return text


_REGISTRY = (
    Setting("store_name", "", _text(1, 200), "The name that customers see.", public=True),
    Setting("store_email", "", _email, "Where customers' answers to the shop's mails go.", public=True),
    Setting("store_address", "", _text(0, 200), "A line under the shop's mails: street and town.", public=True),
    Setting("currency", "KES", _currency, "ISO 4217 code of the shop's money.", public=True),
    Setting("shop_country", "KE", _country, "Country by whose habits phone numbers are read.", public=True),
    Setting("shop_timezone", "Africa/Nairobi", _timezone, "Time zone of the shop's days.", public=True),
    Setting("customer_language", ENGLISH, _choice(*LANGUAGES), "Language of mails, checkout and widget.", public=True),
    Setting("storefront_url", "", _url, "Address of the online store.", public=True),
    Setting("hosted_shop_enabled", "false", _boolean, "The hosted shop at /shop/ and the short name.", public=True),
    Setting("allowed_origins", "", _origins, "Origins whose pages may call the storefront API with credentials."),
    Setting("brand_color", "#e08a00", _color, "Colour of the points widget and the checkout.", public=True),
    Setting("widget_position", "right", _choice("right", "left"), "Side of the points widget.", public=True),
    Setting("loyalty_points_enabled", "false", _boolean, "Master toggle of the programme.", public=True),
    Setting(
        "loyalty_award_trigger",
        "payment_paid",
        _choice("payment_paid", "order_completed", "either"),
        "What makes an order earn its points.",
    ),
    Setting("loyalty_points_per_currency_unit", "1", _decimal(0, 10_000, places=4), "Points earned for 1.00 spent."),
    Setting("loyalty_min_order_subtotal_to_earn", "0", _money, "Smallest subtotal that earns anything."),
    Setting(
        "loyalty_points_per_currency_discount",
        "100",
        _decimal(0, 1_000_000, places=4, above_low=True),
        "Points needed for 1.00 off.",
    ),
    Setting("loyalty_max_redeem_percent", "50", _decimal(0, 100, places=4), "Most of the subtotal points may pay."),
    Setting("loyalty_min_points_to_redeem", "1", _integer(1, 1_000_000_000), "Fewest points in one redemption."),
    Setting("loyalty_min_checkout_total", "0", _money, "Smallest subtotal on which points may be spent."),
    Setting("loyalty_otp_ttl_minutes", "10", _integer(1, 60), "How long a code is good, in minutes."),
    Setting(
        "loyalty_redemption_token_ttl_minutes", "30", _integer(1, 240), "How long a verified code is good for an order."
    ),
    Setting(
        "loyalty_refund_returns_points",
        "at_end",
        _choice("at_end", "in_proportion"),
        "When a refund in part gives redeemed points back: with the last part, or in proportion.",
    ),
    Setting(
        "delivery_without_method",
        "cheapest",
        _choice("cheapest", "refuse", "free"),
        "Delivery to an address without a chosen method: the cheapest that serves it, a refusal, or free of charge.",
    ),
    Setting(
        "guest_max_quantity",
        "50",
        _integer(1, 100_000),
        "Most pieces of one article in an unpaid order placed without an account.",
    ),
    Setting(
        "unconfirmed_order_hours",
        "48",
        _integer(0, 8_760),
        "Hours after which unpaid, unconfirmed orders of guests or on delivery are cancelled; 0 for never.",
    ),
    Setting("clerk_daily_points", "500", _integer(0, 1_000_000_000), "Most points a clerk may adjust in a day."),
    Setting(
        "attention_redemptions_per_day",
        "3",
        _integer(1, 1000),
        "More redemptions of one customer in a day are pointed out.",
    ),
    Setting(
        "attention_adjustments_per_day",
        "10",
        _integer(1, 1000),
        "More adjustments by one person in a day are pointed out.",
    ),
    Setting("staff_second_factor_required", "false", _boolean, "Staff set up a second factor at their next sign-in."),
    Setting("loyalty_optin_required", "false", _boolean, "Only customers who joined may redeem.", public=True),
    Setting("loyalty_optin_id_required", "false", _boolean, "Joining asks for a picture of an ID card.", public=True),
    Setting("privacy_access_days", "7", _integer(1, 90), "Days to answer a request for access."),
    Setting("privacy_correction_days", "7", _integer(1, 90), "Days to answer a request for correction."),
    Setting("privacy_erasure_days", "7", _integer(1, 90), "Days to answer a request for erasure."),
    Setting("privacy_portability_days", "30", _integer(1, 90), "Days to answer a request for portability."),
    Setting("privacy_objection_days", "14", _integer(1, 90), "Days to answer an objection."),
    Setting("retention_guest_days", "1095", _integer(0, 36_500), "Days until an inactive guest is erased; 0 never."),
    Setting("retention_cart_days", "90", _integer(1, 90), "Days that carts left behind are kept."),
    Setting("retention_message_days", "30", _integer(1, 30), "Days that sent messages and recipients are kept."),
    Setting("retention_request_days", "1095", _integer(0, 36_500), "Days that closed requests are kept; 0 for ever."),
    Setting("retention_audit_days", "1825", _integer(0, 36_500), "Days that the audit log is kept; 0 for ever."),
    Setting("retention_staff_days", "365", _integer(0, 36_500), "Days that former staff are kept; 0 for ever."),
    Setting("retention_id_image_days", "30", _integer(0, 3650), "Days that ID pictures stay after the decision."),
    Setting("retention_copy_days", "30", _integer(1, 3650), "Days that databases replaced by a restore are kept."),
)  # fmt: skip

SETTINGS: Mapping[str, Setting] = {setting.key: setting for setting in _REGISTRY}


def rules_from_settings(values: Mapping[str, str]) -> LoyaltyRules:
    """The programme that a full set of setting texts describes."""
    return LoyaltyRules(
        enabled=values["loyalty_points_enabled"] == "true",
        award_trigger=cast(AwardTrigger, values["loyalty_award_trigger"]),
        points_per_currency_unit=Decimal(values["loyalty_points_per_currency_unit"]),
        min_order_subtotal_to_earn_cents=parse_money(values["loyalty_min_order_subtotal_to_earn"]),
        points_per_currency_discount=Decimal(values["loyalty_points_per_currency_discount"]),
        max_redeem_percent=Decimal(values["loyalty_max_redeem_percent"]),
        min_points_to_redeem=int(values["loyalty_min_points_to_redeem"]),
        min_checkout_total_cents=parse_money(values["loyalty_min_checkout_total"]),
        otp_ttl_minutes=int(values["loyalty_otp_ttl_minutes"]),
        redemption_token_ttl_minutes=int(values["loyalty_redemption_token_ttl_minutes"]),
        refund_returns_points=cast(RefundReturns, values["loyalty_refund_returns_points"]),
        optin_required=values["loyalty_optin_required"] == "true",
        optin_id_required=values["loyalty_optin_id_required"] == "true",
        unit_cents=smallest_amount(values["currency"]),
    )
