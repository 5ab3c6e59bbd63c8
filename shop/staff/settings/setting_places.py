"""Labels of settings that neither the store's page nor the loyalty rules have, their pages, and names of values."""

from typing import Any, Final

from flask_babel import lazy_gettext

from shop.domain.customers.privacy import PrivacyRequestKind
from shop.domain.pricing.taxes import TaxPrices
from shop.staff.loyalty_settings.fields import FIELDS
from shop.staff.privacy.labels import KINDS, RETENTION, SETTING_OF
from shop.staff.settings.store_fields import CHOICES

_MESSAGES, _RETENTION = "staff.message_settings", "staff.privacy_retention"
SETTING_PLACES: Final[dict[str, tuple[Any, str]]] = {
    "message_channels": (lazy_gettext("Message channels"), _MESSAGES),
    "message_monthly_limit": (lazy_gettext("Limit of SMS a month"), _MESSAGES),
    "sms_segment_price": (lazy_gettext("Price of an SMS"), _MESSAGES),
    "sms_low_balance": (lazy_gettext("Low SMS balance"), _MESSAGES),
    "message_payment_received": (lazy_gettext("Message about a received payment"), _MESSAGES),
    "message_order_refunded": (lazy_gettext("Message about refunds"), _MESSAGES),
    "message_points_earned": (lazy_gettext("Message about earned points"), _MESSAGES),
    "message_registration_received": (lazy_gettext("Message about a received registration"), _MESSAGES),
    "tax_prices": (lazy_gettext("Prices and taxes"), "staff.tax_show"),
    "staff_second_factor_required": (lazy_gettext("Second factor of all staff"), "staff.member_list"),
    "loyalty_optin_required": (lazy_gettext("Only members redeem points"), "staff.loyalty_settings_show"),
    "loyalty_optin_id_required": (lazy_gettext("ID card to join"), "staff.loyalty_settings_show"),
    **{
        kind.setting: (lazy_gettext("Days to answer: %(kind)s", kind=KINDS[kind]), _RETENTION)
        for kind in PrivacyRequestKind
    },
    **{
        key: (lazy_gettext("Days until deletion: %(what)s", what=RETENTION[name][0]), _RETENTION)
        for name, key in SETTING_OF.items()
    },
}
CHOICE_NAMES: Final[dict[str, dict[str, Any]]] = {
    **{key: dict(choices) for key, choices in CHOICES.items()},
    **{key: dict(field.choices) for key, field in FIELDS.items() if field.choices is not None},
    "tax_prices": {
        TaxPrices.OFF: lazy_gettext("No taxes"),
        TaxPrices.INCLUDED: lazy_gettext("Prices include tax"),
        TaxPrices.ADDED: lazy_gettext("Tax is added to prices"),
    },
}
"""Names of values by setting, of each that has a choice."""
