"""Messages to phones as files in development, read by ``/dev/messages``."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from shop.domain.text.sms import measure
from shop.services import clock
from shop.services.messaging.channels.base import Receipt, RenderedMessage, Unreachable
from shop.services.messaging.channels.written_files import write_file

NAME: Final = re.compile(r"(\d{8}T\d{6}\.\d{6}Z)-\d{1,19}-[a-z_]{1,64}-[a-z]{1,20}\.json", re.ASCII)
STAMP: Final = "%Y%m%dT%H%M%S.%fZ"
LISTED: Final = 200


@dataclass(frozen=True, slots=True, repr=False)
class WrittenMessage:
    """A message read from its file."""

    sent_at: datetime
    channel: str
    kind: str
    to: str
    text: str
    segments: int


def write_message(folder: str, channel: str, message: RenderedMessage) -> Receipt:
    """Write a message to ``<UTC time>-<outbox id>-<kind>-<channel>.json``. Raises Unreachable."""
    kind = re.sub(r"[^a-z_]", "_", message.kind.lower())
    name = f"{clock.now().strftime(STAMP)}-{message.outbox_id}-{kind}-{channel}.json"
    content = {"channel": channel, "kind": message.kind, "to": message.recipient, "text": message.text}
    try:
        write_file(Path(folder), name, json.dumps(content, ensure_ascii=False).encode())
    except OSError as error:
        raise Unreachable(f"The folder of messages cannot be written: {error.strerror}.") from None
    return Receipt(f"file-{message.outbox_id}", 0, "KES")


def list_messages(folder: str) -> list[WrittenMessage]:
    """Return the messages of a folder, newest first, up to 200; none without a folder."""
    place = Path(folder)
    names = sorted((file.name for file in place.iterdir()), reverse=True) if place.is_dir() else []
    return [_read(place / name) for name in names if NAME.fullmatch(name)][:LISTED]


def _read(file: Path) -> WrittenMessage:
    found: dict[str, Any] = json.loads(file.read_bytes())
    sent_at = datetime.strptime(file.name.partition("-")[0], STAMP).replace(tzinfo=UTC)
    segments = measure(found["text"]).segments
    return WrittenMessage(sent_at, found["channel"], found["kind"], found["to"], found["text"], segments)
