"""A mail server for tests: it records mails, and can be down, refuse, or require a sign-in."""

import socket
import threading
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


class _Connections:
    """Open connections, so that a server can wait for the last one to close."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._open = 0

    def count(self, change: int) -> None:
        with self._changed:
            self._open += change
            self._changed.notify_all()

    def wait_until_closed(self) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._open == 0, timeout=30)


class _Protocol(SMTP):
    connections: _Connections

    def connection_lost(self, error: Any) -> None:
        super().connection_lost(error)
        self.connections.count(-1)


class _Controller(Controller):
    connections: _Connections

    def factory(self) -> SMTP:
        made = _Protocol(self.handler, **self.SMTP_kwargs)
        made.connections = self.connections
        made.connections.count(1)  # not when the connection is made: start() does not wait for that
        return made


class MailServer:
    """An SMTP server on its own port. Not started at first; ``mails`` are the accepted ones, in order."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.mails: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.arrived = threading.Event()
        self.refuses: str | None = None
        self.login: tuple[str, str] | None = None
        self._controller: _Controller | None = None

    @property
    def config(self) -> dict[str, Any]:
        """Return the configuration for sending here."""
        return {
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": self.port,
            "MAIL_DEFAULT_SENDER": "shop@tuza.example",
            "MAIL_SUPPRESS_SEND": False,  # Flask-Mail sends nothing under TESTING
        }

    def start(self) -> None:
        signs_in = {"authenticator": self._authenticate, "auth_require_tls": False}
        self._controller = _Controller(
            self, hostname="127.0.0.1", port=self.port, ready_timeout=30, **(signs_in if self.login else {})
        )
        self._controller.connections = _Connections()
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.connections.wait_until_closed()
            self._controller.stop()
            self._controller = None

    def _authenticate(
        self, _server: Any, _session: Session, _envelope: Envelope, _method: str, data: Any
    ) -> AuthResult:
        return AuthResult(success=(data.login.decode(), data.password.decode()) == self.login)

    async def handle_DATA(self, _server: Any, _session: Session, envelope: Envelope) -> str:
        """Accept a mail, or refuse it with ``refuses``, in which ``{body}`` is its text."""
        content = envelope.content or b""
        assert isinstance(content, bytes)
        mail: EmailMessage = message_from_bytes(content, policy=default)
        if self.refuses is not None:
            return self.refuses.format(body=mail["Subject"])
        self.mails.append(mail)
        self.envelopes.append((str(envelope.mail_from), [str(one) for one in envelope.rcpt_tos]))
        self.arrived.set()
        return "250 taken"


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    """Return the text part of a mail, or its ``html``."""
    part = mail.get_body(preferencelist=(kind,))
    assert part is not None
    return str(part.get_content())
