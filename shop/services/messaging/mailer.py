"""Mail handed over: to an SMTP server by Flask-Mail, or in development without one to files (``mail_files.py``).

Flask-Mail reads the settings and holds the connection. Three things it leaves open are closed here: a connection that
never times out, a TLS certificate that nobody checks, and names that break out of their header.
"""

import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any, Protocol

import flask_mail

from shop.services import clock
from shop.services.messaging.mail_files import write_mail

TIMEOUT_SECONDS = 10
"""For every single exchange with the server, the first connection included."""
MAX_NAME = 100
"""Letters of a sender's name: mail programs cut it far earlier."""


@dataclass(frozen=True, slots=True, repr=False)
class Mail:
    """One mail to one person. It may hold a code, so it never shows itself in a log."""

    outbox_id: int
    created_at: datetime
    kind: str
    recipient: str
    sender_name: str
    reply_to: str | None
    subject: str
    text: str
    html: str


class DeliveryFailed(Exception):
    """A mail was not taken; the message says why and holds nothing secret or personal."""


class Unreachable(DeliveryFailed):
    """The server is away, or lets nobody in: the next mail would fare no better."""


class Mailer(Protocol):
    """Something that takes mail."""

    def send(self, mail: Mail) -> None:
        """Hand one mail over for good. Raises DeliveryFailed."""


def can_mail(config: Mapping[str, Any]) -> bool:
    """Whether there is anywhere to hand mail to: a server, or in development a folder."""
    return bool(config["MAIL_SERVER"]) or config["TUZA_ENV"] == "development"


@contextmanager
def open_mailer(config: Mapping[str, Any]) -> Iterator[Mailer]:
    """The mailer for a configuration for which :func:`can_mail`; what it opened is closed when the block ends."""
    if not config["MAIL_SERVER"]:
        yield _Folder(config)
        return
    server = _Server(config)
    try:
        yield server
    finally:
        server.close()


class _Folder:
    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = config

    def send(self, mail: Mail) -> None:
        try:
            content = build(mail, self._config["MAIL_DEFAULT_SENDER"]).as_bytes()
            write_mail(self._config["MAIL_FOLDER"], mail.outbox_id, mail.kind, content)
        except OSError as error:
            raise Unreachable(f"The mail folder cannot be written: {error.strerror}.") from None


class _Server:
    """One connection for all the mails of a round, opened for the first."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._sender = config["MAIL_DEFAULT_SENDER"]
        self._settings = flask_mail.Mail()
        self._settings.state = self._settings.init_mail(dict(config))
        self._host: smtplib.SMTP | None = None

    def send(self, mail: Mail) -> None:
        built = build(mail, self._sender)
        host = self._host = self._host or self._connect()
        try:
            host.send_message(built, parseaddr(self._sender)[1], [_ascii_domain(mail.recipient)])
        except smtplib.SMTPRecipientsRefused as refused:
            code = next(iter(refused.recipients.values()))[0]
            raise DeliveryFailed(f"The mail server refused the recipient (SMTP {code}).") from None
        except smtplib.SMTPSenderRefused as refused:
            raise DeliveryFailed(f"The mail server refused the sender (SMTP {refused.smtp_code}).") from None
        except smtplib.SMTPServerDisconnected:
            raise self._lost("The mail server broke the connection off.") from None
        except smtplib.SMTPResponseException as refused:
            raise DeliveryFailed(f"The mail server refused the mail (SMTP {refused.smtp_code}).") from None
        except smtplib.SMTPNotSupportedError:
            raise DeliveryFailed("The mail server does not take addresses with such letters.") from None
        except OSError as error:
            raise self._lost(f"The connection to the mail server failed ({_name(error)}).") from None

    def _connect(self) -> smtplib.SMTP:
        try:
            return _Connection(self._settings).configure_host()
        except smtplib.SMTPAuthenticationError as refused:
            raise Unreachable(f"The mail server refused user name or password (SMTP {refused.smtp_code}).") from None
        except smtplib.SMTPResponseException as refused:
            raise Unreachable(f"The mail server refused the connection (SMTP {refused.smtp_code}).") from None
        except ssl.SSLCertVerificationError:
            raise Unreachable("The mail server's certificate is not trusted.") from None
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(f"The mail server cannot be reached ({_name(error)}).") from None

    def _lost(self, reason: str) -> Unreachable:
        self.close()
        return Unreachable(reason)

    def close(self) -> None:
        """Take leave; a server that is gone already is no failure of what it took before."""
        host, self._host = self._host, None
        if host is not None:
            with suppress(smtplib.SMTPException, OSError):
                host.quit()
            host.close()


class _Connection(flask_mail.Connection):
    """Flask-Mail's connection with a time limit and a checked certificate (``SSL_CERT_FILE`` adds one's own)."""

    def configure_host(self) -> smtplib.SMTP:
        """Connect, encrypt and sign in as the settings say; a half-made connection is closed."""
        mail, context = self.mail, ssl.create_default_context()
        port = mail.port or 0
        host = (
            smtplib.SMTP_SSL(mail.server, port, timeout=TIMEOUT_SECONDS, context=context)
            if mail.use_ssl
            else smtplib.SMTP(mail.server, port, timeout=TIMEOUT_SECONDS)
        )
        try:
            if mail.use_tls:
                host.starttls(context=context)
            if mail.username and mail.password:
                host.login(mail.username, mail.password)
        except BaseException:
            host.close()
            raise
        return host


def build(mail: Mail, default_sender: str) -> EmailMessage:
    """The message as it goes out: text and HTML, from the shop's name at the installation's own address."""
    address = parseaddr(default_sender)[1]
    now = clock.now()
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(one_line(mail.sender_name)[:MAX_NAME], addr_spec=address)
    message["To"] = Address(addr_spec=_ascii_domain(mail.recipient))
    if mail.reply_to:
        message["Reply-To"] = Address(addr_spec=_ascii_domain(mail.reply_to))
    message["Subject"] = one_line(mail.subject)
    message["Date"] = format_datetime(now)
    # the same whenever it is sent again, so that mail programs show it once
    message["Message-ID"] = f"<{mail.created_at:%Y%m%d%H%M%S%f}.{mail.outbox_id}@{address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    return message


def one_line(text: str) -> str:
    """A text without line breaks and control characters, fit for a header."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _ascii_domain(address: str) -> str:
    """An address whose domain is written as DNS has it: ``jane@dükka.ke`` → ``jane@xn--dkka-0ra.ke``."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return address


def _name(error: Exception) -> str:
    return type(error).__name__
