"""A shop's settings: types, ranges, defaults (``docs/contract/api.md``, section 3). Values are stored as text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from shop.domain.loyalty.points import AwardTrigger, LoyaltyRules, RefundReturns
from shop.domain.money import minor_units, parse_money, smallest_amount
from shop.domain.pricing.taxes import TaxPrices
from shop.domain.setting_checks import (
    Raw,
    _boolean,
    _choice,
    _codes,
    _color,
    _country,
    _currency,
    _decimal,
    _email,
    _integer,
    _logo,
    _money,
    _origins,
    _text,
    _timezone,
    _url,
)
from shop.domain.text.languages import ENGLISH, LANGUAGES

PROVIDER_MONEY = frozenset({"message_monthly_limit", "sms_segment_price", "sms_low_balance"})
"""Settings with amounts in the currency of a provider of messages."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting: how its text is validated and normalised, its default, and who may see it."""

    key: str
    default: str
    clean: Callable[[Raw], str]
    """Returns the text to store for a given value. Raises ValueError with a sentence."""
    help: str
    public: bool = False
    owners_only: bool = False

    @property
    def is_money(self) -> bool:
        """Whether it is an amount in the shop's currency."""
        return self.clean is _money and self.key not in PROVIDER_MONEY

    def clean_in(self, raw: Raw, currency: str) -> str:
        """Return the text to store in a shop with a currency. Raises as ``clean``."""
        return _money(raw, currency) if self.is_money else self.clean(raw)


_REGISTRY = (
    Setting("store_name", "", _text(1, 200), "The name that customers see.", public=True),
    Setting("store_email", "", _email, "Where customers' answers to the shop's mails go.", public=True),
    Setting("store_address", "", _text(0, 200), "A line under the shop's mails: street and town.", public=True),
    Setting("store_logo", "", _logo, "The uploaded picture above mails and pages; empty for none."),
    Setting("payment_instructions", "", _text(0, 500), "How to pay, in the shop's own words."),
    Setting("currency", "KES", _currency, "ISO 4217 code of the shop's money.", public=True),
    Setting("shop_country", "KE", _country, "Country by whose habits phone numbers are read.", public=True),
    Setting("shop_timezone", "Africa/Nairobi", _timezone, "Time zone of the shop's days.", public=True),
    Setting("customer_language", ENGLISH, _choice(*LANGUAGES), "Language of mails, checkout and widget.", public=True),
    Setting(
        "message_channels",
        "email",
        _codes("email", "sms", "whatsapp"),
        "Channels of messages to customers, in order, separated by commas: email, sms, whatsapp.",
    ),
    Setting(
        "message_monthly_limit",
        "0",
        _money,
        "Most that SMS may cost a month; codes, orders and refunds are sent above it. 0 for no limit.",
        owners_only=True,
    ),
    Setting("message_payment_received", "false", _boolean, "A message to the customer once an order is paid."),
    Setting("message_order_refunded", "true", _boolean, "A message to the customer of an order that was refunded."),
    Setting("message_points_earned", "false", _boolean, "A message to the customer once an order earned points."),
    Setting("message_registration_received", "false", _boolean, "A message to the customer who has registered."),
    Setting("sms_segment_price", "0.80", _money, "Price of an SMS of one segment, until a provider has told one."),
    Setting("sms_low_balance", "100", _money, "SMS balance under which the overview warns; 0 for never."),
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
        "tax_prices",
        TaxPrices.OFF,
        _choice(*TaxPrices),
        "How prices relate to tax: no taxes, prices that include it, or tax that is added to them.",
        public=True,
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
    Setting(
        "redemption_hold_hours",
        "24",
        _integer(0, 720),
        "Hours without redemption after staff changed a customer's e-mail or phone; 0 for none.",
    ),
    Setting("till_sale_limit", "0", _money, "Largest sale that a clerk may take at the till; 0 for any."),
    Setting("till_daily_limit", "0", _money, "Most that one clerk may take at the till in a day; 0 for any."),
    Setting(
        "till_redeem_without_code",
        "0",
        _money,
        "Most that points may take off a sale at the till with a manager's approval instead of a code; 0 for none.",
    ),
    Setting("till_devices_only", "false", _boolean, "Whether the till works on registered devices alone."),
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
    Setting("monthly_report", "false", _boolean, "A mail to the owners with the figures of each month."),
    Setting("setup_checklist", "true", _boolean, "The steps to set up the shop on the overview, until all are done."),
    Setting(
        "staff_second_factor_required",
        "false",
        _boolean,
        "Staff set up a second factor at their next sign-in.",
        owners_only=True,
    ),
    Setting(
        "confirm_points_above",
        "10000",
        _integer(0, 1_000_000_000),
        "Adjustments of more points are confirmed with their figures; 0 for none.",
        owners_only=True,
    ),
    Setting(
        "confirm_rules_percent",
        "20",
        _integer(0, 1000),
        "Rules that change the programme's cost by a larger share are confirmed with figures; 0 for none.",
        owners_only=True,
    ),
    Setting(
        "approval_required",
        "false",
        _boolean,
        "What must be confirmed also needs the approval of a second manager or owner.",
        owners_only=True,
    ),
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
    """Return the typed rules of a full set of setting texts."""
    currency = values["currency"]
    return LoyaltyRules(
        enabled=values["loyalty_points_enabled"] == "true",
        award_trigger=cast(AwardTrigger, values["loyalty_award_trigger"]),
        points_per_currency_unit=Decimal(values["loyalty_points_per_currency_unit"]),
        min_order_subtotal_to_earn_cents=parse_money(values["loyalty_min_order_subtotal_to_earn"], currency),
        points_per_currency_discount=Decimal(values["loyalty_points_per_currency_discount"]),
        max_redeem_percent=Decimal(values["loyalty_max_redeem_percent"]),
        min_points_to_redeem=int(values["loyalty_min_points_to_redeem"]),
        min_checkout_total_cents=parse_money(values["loyalty_min_checkout_total"], currency),
        otp_ttl_minutes=int(values["loyalty_otp_ttl_minutes"]),
        redemption_token_ttl_minutes=int(values["loyalty_redemption_token_ttl_minutes"]),
        refund_returns_points=cast(RefundReturns, values["loyalty_refund_returns_points"]),
        optin_required=values["loyalty_optin_required"] == "true",
        optin_id_required=values["loyalty_optin_id_required"] == "true",
        unit_cents=smallest_amount(currency),
        major_unit_cents=minor_units(currency),
    )
