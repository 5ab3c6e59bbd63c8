"""Mails as files, in development: written whole or not at all, listed and read again for ``/dev/mail``."""

import os
import re
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from shop.services import clock
from shop.services.errors import NotFound

NAME = re.compile(r"(\d{8}T\d{6}\.\d{6}Z)-\d{1,19}-[a-z_]{1,64}\.eml", re.ASCII)
STAMP = "%Y%m%dT%H%M%S.%fZ"
LISTED = 200


@dataclass(frozen=True, slots=True, repr=False)
class KeptMail:
    """A mail read back from its file; ``text`` and ``html`` are its two parts, ``raw`` is the file."""

    name: str
    sent_at: datetime
    sender: str
    to: str
    subject: str
    text: str
    html: str
    raw: bytes


def write_mail(folder: str, message_id: int, kind: str, content: bytes) -> None:
    """Write a mail as ``<UTC time>-<outbox id>-<kind>.eml``, readable by this user alone. Raises OSError."""
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    kind = re.sub(r"[^a-z_]", "_", kind.lower())
    handle, unfinished = tempfile.mkstemp(prefix=".writing-", dir=place)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(unfinished, place / f"{clock.now().strftime(STAMP)}-{message_id}-{kind}.eml")
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise


def list_mails(folder: str) -> list[KeptMail]:
    """The mails of a folder, newest first, at most 200; none when there is no folder yet."""
    place = Path(folder)
    names = sorted((file.name for file in place.iterdir()), reverse=True) if place.is_dir() else []
    return [_read(place / name) for name in names if NAME.fullmatch(name)][:LISTED]


def get_mail(folder: str, name: str) -> KeptMail:
    """One mail by its file's name. Raises NotFound, also for a name that no mail has ever been given."""
    file = Path(folder) / name
    if not NAME.fullmatch(name) or not file.is_file():
        raise NotFound("There is no such mail.", code="mail_not_found")
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
