"""Mails as files in development, read by ``/dev/mail``."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from shop.services import clock
from shop.services.errors import NotFound
from shop.services.messaging.channels.base import RenderedMessage, Unreachable
from shop.services.messaging.channels.email.message import build_message
from shop.services.messaging.channels.written_files import write_file

NAME = re.compile(r"(\d{8}T\d{6}\.\d{6}Z)-\d{1,19}-[a-z_]{1,64}\.eml", re.ASCII)
STAMP = "%Y%m%dT%H%M%S.%fZ"
LISTED = 200


@dataclass(frozen=True, slots=True, repr=False)
class KeptMail:
    """A mail read from its file; ``text`` and ``html`` are its parts, ``raw`` is the file."""

    name: str
    sent_at: datetime
    sender: str
    to: str
    subject: str
    text: str
    html: str
    raw: bytes


class FileTransport:
    """Writes each mail to ``<UTC time>-<outbox id>-<kind>.eml``, readable by this user alone."""

    def __init__(self, folder: str, sender: str) -> None:
        self._folder = Path(folder)
        self._sender = sender

    def send(self, message: RenderedMessage) -> None:
        """Write a mail completely or not at all. Raises Unreachable."""
        kind = re.sub(r"[^a-z_]", "_", message.kind.lower())
        name = f"{clock.now().strftime(STAMP)}-{message.outbox_id}-{kind}.eml"
        try:
            write_file(self._folder, name, build_message(message, self._sender).as_bytes())
        except OSError as error:
            raise Unreachable(f"The mail folder cannot be written: {error.strerror}.") from None


def list_mails(folder: str) -> list[KeptMail]:
    """Return the mails of a folder, newest first, up to 200; none without a folder."""
    place = Path(folder)
    names = sorted((file.name for file in place.iterdir()), reverse=True) if place.is_dir() else []
    return [_read(place / name) for name in names if NAME.fullmatch(name)][:LISTED]


def get_mail(folder: str, name: str) -> KeptMail:
    """Return a mail by its file's name. Raises NotFound, also for an invalid name."""
    file = Path(folder) / name
    if not NAME.fullmatch(name) or not file.is_file():
        raise NotFound("There is no such e-mail.", code="mail_not_found")
    return _read(file)


def _read(file: Path) -> KeptMail:
    raw = file.read_bytes()
    message: EmailMessage = message_from_bytes(raw, policy=default)
    return KeptMail(
        name=file.name,
        sent_at=datetime.strptime(file.name.partition("-")[0], STAMP).replace(tzinfo=UTC),
        sender=str(message["From"] or ""),
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        raw=raw,
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""
