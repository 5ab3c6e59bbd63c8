"""The WhatsApp channel. It carries one-time codes, by the shop's approved template of the category authentication."""

from collections.abc import Mapping
from typing import Any

from shop.domain.text.messages import N_
from shop.services.messaging.channels.base import Receipt, RenderedMessage
from shop.services.messaging.channels.phone_channel import AccountField, PhoneChannel
from shop.services.messaging.channels.whatsapp_cloud.client import WhatsAppCloud


class WhatsAppChannel(PhoneChannel):
    """WhatsApp by the shop's account with Meta's Cloud API."""

    code = "whatsapp"
    name = N_("WhatsApp")
    fields = (
        AccountField("phone_number_id", N_("Phone number ID")),
        AccountField("template", N_("Template of the category authentication"), N_("With a copy-code button.")),
        AccountField("language", N_("Language of the template"), N_("Such as en_US or sw.")),
        AccountField("access_token", N_("Access token"), is_secret=True),
        AccountField("app_secret", N_("App secret"), N_("Signs the delivery reports."), is_secret=True),
    )

    def deliver(self, message: RenderedMessage, account: Mapping[str, str], config: Mapping[str, Any]) -> Receipt:
        return WhatsAppCloud(account, config).send_code(message.recipient, message.code)

    def fetch_balance(self, account: Mapping[str, str], config: Mapping[str, Any]) -> None:
        """Check the credentials: Meta bills later, so there is no balance."""
        WhatsAppCloud(account, config).check()
