"""The SMS channel."""

from collections.abc import Mapping
from typing import Any

from shop.domain.text.messages import N_
from shop.services.messaging.channels.base import Receipt, RenderedMessage
from shop.services.messaging.channels.phone_channel import AccountField, PhoneChannel
from shop.services.messaging.channels.sms_africastalking.client import AfricasTalking


class SmsChannel(PhoneChannel):
    """SMS by the shop's account with Africa's Talking."""

    code = "sms"
    name = N_("SMS")
    fields = (
        AccountField("username", N_("User name at Africa’s Talking"), N_("“sandbox” sends to their simulator.")),
        AccountField("sender", N_("Sender"), N_("Registered sender ID or short code."), is_optional=True),
        AccountField("api_key", N_("API key"), is_secret=True),
    )

    def deliver(self, message: RenderedMessage, account: Mapping[str, str], config: Mapping[str, Any]) -> Receipt:
        return AfricasTalking(account, config).send(message.recipient, message.text)

    def fetch_balance(self, account: Mapping[str, str], config: Mapping[str, Any]) -> tuple[int, str]:
        return AfricasTalking(account, config).fetch_balance()
