"""Send mail to an SMTP server by Flask-Mail."""

import smtplib
import ssl
from contextlib import ExitStack, suppress
from email.utils import parseaddr
from typing import Self

from flask_mail import Connection, Mail

from shop.services.messaging.channels.base import DeliveryFailed, RenderedMessage, Unreachable
from shop.services.messaging.channels.email.message import build_message

TIMEOUT_SECONDS = 10
"""For each exchange with the server, including the connection."""


class VerifiedConnection(Connection):
    """A connection with a timeout and a verified certificate, which Flask-Mail has no settings for."""

    def configure_host(self) -> smtplib.SMTP | smtplib.SMTP_SSL:
        """Connect, encrypt and sign in by the settings; close the connection on failure."""
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


class VerifiedMail(Mail):
    """Flask-Mail with verified connections."""

    def connect(self) -> Connection:
        """Return a connection with the application's settings; it opens as a context manager."""
        return VerifiedConnection(super().connect().mail)


mail = VerifiedMail()


class SmtpTransport:
    """One connection for a batch of mails, opened for the first."""

    def __init__(self, sender: str) -> None:
        self._sender = sender
        self._connection: Connection | None = None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def send(self, message: RenderedMessage) -> None:
        """Send a mail. Raises DeliveryFailed."""
        built = build_message(message, self._sender)
        connection = self._connection = self._connection or _connect(self._open)
        try:
            connection.send(built, envelope_from=parseaddr(self._sender)[1])
        except smtplib.SMTPRecipientsRefused as refused:
            code = next(iter(refused.recipients.values()))[0]
            raise DeliveryFailed(f"The mail server refused the recipient (SMTP {code}).") from None
        except smtplib.SMTPSenderRefused as refused:
            raise DeliveryFailed(f"The mail server refused the sender (SMTP {refused.smtp_code}).") from None
        except smtplib.SMTPServerDisconnected:
            self._close()
            raise Unreachable("The mail server closed the connection.") from None
        except smtplib.SMTPResponseException as refused:
            raise DeliveryFailed(f"The mail server refused the mail (SMTP {refused.smtp_code}).") from None
        except OSError as error:
            self._close()
            raise Unreachable(f"The connection to the mail server failed ({type(error).__name__}).") from None
        except UnicodeError:
            self._close()  # failed in the middle of a mail: the next one needs a new connection
            raise DeliveryFailed("The mail server does not take addresses with such letters.") from None

    def _close(self) -> None:
        """Close the connection; if the server has gone, it had accepted the mails before."""
        self._connection = None
        with suppress(smtplib.SMTPException, OSError):
            self._open.close()


def _connect(stack: ExitStack) -> Connection:
    try:
        return stack.enter_context(mail.connect())  # type: ignore[arg-type]  # its __exit__ is typed without None
    except smtplib.SMTPAuthenticationError as refused:
        raise Unreachable(f"The mail server refused user name or password (SMTP {refused.smtp_code}).") from None
    except smtplib.SMTPResponseException as refused:
        raise Unreachable(f"The mail server refused the connection (SMTP {refused.smtp_code}).") from None
    except ssl.SSLCertVerificationError:
        raise Unreachable("The mail server's certificate is not trusted.") from None
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(f"The mail server cannot be reached ({type(error).__name__}).") from None
