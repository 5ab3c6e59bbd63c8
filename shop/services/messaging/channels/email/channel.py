"""The e-mail channel."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from shop.config import RESOURCES
from shop.services.messaging.channels.base import Channel, Transport
from shop.services.messaging.channels.email.files import FileTransport
from shop.services.messaging.channels.email.smtp import SmtpTransport, mail


class EmailChannel(Channel):
    """Mail with a text and an HTML part."""

    code = "email"
    templates = RESOURCES / "templates" / "mail"
    has_html = True

    def init_app(self, app: Any) -> None:
        mail.init_app(app)

    def missing_setting(self, config: Mapping[str, Any]) -> str | None:
        return None if config["MAIL_SERVER"] or config["TUZA_ENV"] == "development" else "MAIL_SERVER"

    def open(self, config: Mapping[str, Any]) -> AbstractContextManager[Transport]:
        if config["MAIL_SERVER"]:
            return SmtpTransport(config["MAIL_DEFAULT_SENDER"])
        return nullcontext(FileTransport(config["MAIL_FOLDER"], config["MAIL_DEFAULT_SENDER"]))
