"""The common parts of channels to phones: short texts, the shop's account, and files in development."""

from abc import abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, ClassVar

from shop.config import RESOURCES
from shop.domain.text.sms import measure
from shop.services.messaging.accounts import MessageKeysLost, find_account
from shop.services.messaging.channels.base import AccountUnusable, Channel, Receipt, RenderedMessage, Transport
from shop.services.messaging.channels.message_files import write_message
from shop.services.messaging.mails.mail_language import MailContent, MailContext
from shop.services.messaging.short_texts import render_short


@dataclass(frozen=True, slots=True)
class AccountField:
    """A field of a channel's settings. ``is_secret``: stored encrypted and never shown again."""

    name: str
    label: str
    help: str = ""
    is_secret: bool = False
    is_optional: bool = False


class PhoneChannel(Channel):
    """A channel to phones, by the shop's own account with a provider."""

    templates = RESOURCES / "templates" / "mail"
    is_to_phone = True
    name: ClassVar[str]
    fields: ClassVar[tuple[AccountField, ...]]

    def text(self, kind: str, content: MailContent, mail: MailContext, values: Mapping[str, Any]) -> str:
        return render_short(kind, content, mail)

    def open(self, config: Mapping[str, Any]) -> AbstractContextManager[Transport]:
        return nullcontext(PhoneTransport(self, config))

    @abstractmethod
    def deliver(self, message: RenderedMessage, account: Mapping[str, str], config: Mapping[str, Any]) -> Receipt:
        """Hand a message to the provider. Raises DeliveryFailed."""

    @abstractmethod
    def fetch_balance(self, account: Mapping[str, str], config: Mapping[str, Any]) -> tuple[int, str] | None:
        """Return the account's balance in ten-thousandths, and its currency; None if the provider has none.

        Raises DeliveryFailed, also for credentials that the provider does not accept.
        """


class PhoneTransport:
    """Sends messages of several shops, each by its own account, which is read once."""

    def __init__(self, channel: PhoneChannel, config: Mapping[str, Any]) -> None:
        self._channel = channel
        self._config = config
        self._accounts: dict[int, Mapping[str, str] | None] = {}

    def send(self, message: RenderedMessage) -> Receipt:
        """Send a message; write it to a file in development if the shop has no account. Raises DeliveryFailed."""
        account = self._account(message.shop_id)
        if account is not None:
            return self._channel.deliver(message, account, self._config)
        if self._config["TUZA_ENV"] == "development":
            return write_message(self._config["MESSAGES_FOLDER"], self._channel.code, message)
        raise AccountUnusable("The shop has no account for this channel.")

    def _account(self, shop_id: int) -> Mapping[str, str] | None:
        if shop_id not in self._accounts:
            try:
                self._accounts[shop_id] = find_account(shop_id, self._channel.code, self._config["PAYMENT_KEYS"])
            except MessageKeysLost as lost:
                raise AccountUnusable(lost.message) from None
        return self._accounts[shop_id]


def count_segments(code: str, text: str) -> int:
    """Return how many messages a text is charged as."""
    return measure(text).segments if code == "sms" else 1
