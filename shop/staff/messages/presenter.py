"""Names of message channels and their possible orders."""

from itertools import permutations
from typing import Final

from flask_babel import lazy_gettext

from shop.services.messaging.short_texts import SHORT_TEXTS

CHANNEL_NAMES: Final = {
    "email": lazy_gettext("E-mail"),
    "sms": lazy_gettext("SMS"),
    "whatsapp": lazy_gettext("WhatsApp"),
}
ORDERS: Final = [",".join(order) for count in (1, 2, 3) for order in permutations(CHANNEL_NAMES, count)]
"""Every order of one to three channels, as the setting ``message_channels`` has it."""
STATES: Final = {
    "waiting": lazy_gettext("Waiting"),
    "sent": lazy_gettext("Sent"),
    "dropped": lazy_gettext("Not sent"),
    "sending": lazy_gettext("Being sent"),
    "accepted": lazy_gettext("Sent"),
    "delivered": lazy_gettext("Delivered"),
    "failed": lazy_gettext("Failed"),
    "refused": lazy_gettext("Refused"),
}
KIND_NAMES: Final = {
    **{kind: lazy_gettext(text.label) for kind, text in SHORT_TEXTS.items()},
    "account_notice": lazy_gettext("Change of an account"),
    "email_changed": lazy_gettext("Change of an account"),
    "shopper_register": lazy_gettext("Link to an account"),
    "shopper_reset": lazy_gettext("Link to an account"),
    "staff_invite": lazy_gettext("Message to staff"),
    "staff_reset": lazy_gettext("Message to staff"),
    "staff_notice": lazy_gettext("Message to staff"),
    "staff_webhook_disabled": lazy_gettext("Message to staff"),
    "staff_monthly_report": lazy_gettext("Monthly report"),
    "sms_trial": lazy_gettext("Test SMS"),
    "mail_trial": lazy_gettext("Test e-mail"),
}
