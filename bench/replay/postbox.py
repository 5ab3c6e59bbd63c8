"""Reads one-time codes from the mails that the worker writes in development."""

import re
import threading
import time
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from bench.replay.client import Stopped
from bench.replay.nouns import CannotReplay

CODE = re.compile(r"^(\d{3}) (\d{3})\r?$", re.MULTILINE)
PATIENCE_SECONDS = 60
LOOK_SECONDS = 0.02


class Postbox:
    """The folder of mails. Thread-safe; each mail is read once."""

    def __init__(self, folder: Path, stop: threading.Event) -> None:
        self._folder = folder
        self._stop = stop
        self._guard = threading.Lock()
        self._read: set[str] = set()
        self._codes: dict[str, str] = {}

    def code_for(self, email: str) -> str:
        """Wait for the newest code for an address. Raises CannotReplay after a minute."""
        gives_up_at = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < gives_up_at:
            with self._guard:
                self._collect()
                code = self._codes.pop(email, None)
            if code is not None:
                return code
            if self._stop.wait(LOOK_SECONDS):
                raise Stopped
        raise CannotReplay(f"No code came by mail for {email} in {PATIENCE_SECONDS} seconds: is there a worker?")

    def _collect(self) -> None:
        for file in sorted(self._folder.glob("*-otp_code.eml")):
            if file.name in self._read:
                continue
            self._read.add(file.name)
            mail = message_from_bytes(file.read_bytes(), policy=default)
            text = mail.get_body(("plain",))
            found = CODE.search(text.get_content()) if text else None
            if found is None:
                raise CannotReplay(f"There is no code in the mail {file.name}.")
            self._codes[str(mail["To"].addresses[0].addr_spec)] = "".join(found.groups())
