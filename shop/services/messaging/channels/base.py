"""The interface of message channels, which deliver messages of the outbox."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Protocol

from shop.services.messaging.mails.mail_language import MailContent, MailContext


@dataclass(frozen=True, slots=True, repr=False)
class RenderedMessage:
    """A message to a person. It may contain a code, so it has no ``repr`` that could be logged."""

    outbox_id: int
    created_at: datetime
    kind: str
    recipient: str
    sender_name: str
    reply_to: str | None
    subject: str
    text: str
    html: str
    """Empty for a channel without HTML."""
    shop_id: int = 0
    language: str = ""
    code: str = ""
    """The one-time code, for channels that send it apart from the text."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A provider's answer to a message that it accepted; ``cost_e4`` is in ten-thousandths of ``currency``."""

    provider_id: str
    cost_e4: int | None = None
    currency: str | None = None


class DeliveryFailed(Exception):
    """A message was not delivered; the text says why, without secrets or personal data."""


class Unreachable(DeliveryFailed):
    """The provider cannot be used: the channel's next message would fail as well."""


class AccountUnusable(Unreachable):
    """The shop's account with the provider cannot be used; those of other shops can."""


class Refused(DeliveryFailed):
    """The provider refused the message for good: it is not tried again on this channel."""


class Unanswered(DeliveryFailed):
    """The provider may have accepted the message; sending it again may deliver it twice."""


class Transport(Protocol):
    """Delivers messages."""

    def send(self, message: RenderedMessage) -> Receipt | None:
        """Deliver a message. Raises DeliveryFailed; after any other error the next message can still be sent."""


class Channel(ABC):
    """A message channel. ``code`` is the value of ``outbox_messages.channel``."""

    code: ClassVar[str]
    templates: ClassVar[Path]
    """The folder of the templates: ``<kind>.txt`` and, if ``has_html``, ``<kind>.html``."""
    has_html: ClassVar[bool] = False
    is_to_phone: ClassVar[bool] = False
    """Whether messages go to a phone, and the provider charges for them and reports what became of them."""

    def init_app(self, app: Any) -> None:  # noqa: B027
        """Set up a Flask extension that the channel uses."""

    def missing_setting(self, config: Mapping[str, Any]) -> str | None:
        """Return the setting without which nothing can be sent, if it is missing. Messages wait until it is set."""
        return None

    def text(self, kind: str, content: MailContent, mail: MailContext, values: Mapping[str, Any]) -> str:
        """Return a message's text: its template rendered with ``values``."""
        return mail.render(self.templates, f"{kind}.txt", values)

    @abstractmethod
    def open(self, config: Mapping[str, Any]) -> AbstractContextManager[Transport]:
        """Return the transport for a batch of messages. It connects for the first of them."""
