"""Collects the mails that workers write to a folder, with the messages and codes in them."""

import re
import threading
import time
from collections import Counter
from email import message_from_bytes
from email.policy import default
from pathlib import Path

NAME = re.compile(r"[^-]+-(\d+)-([a-z_]+)\.eml")
CODE = re.compile(r"^(\d{3}) (\d{3})\r?$", re.MULTILINE)
LOOK_SECONDS = 0.03
PATIENCE_SECONDS = 6
"""A code whose worker was killed while it held the message comes a minute later; a shopper does not wait for it."""


class NoMail(Exception):
    """No code came in time, or the run was stopped."""


class Postman(threading.Thread):
    """Reads each mail once. ``sent`` counts the mails of each message, by its id in the outbox."""

    def __init__(self, folder: Path, stop: threading.Event) -> None:
        super().__init__(name="postman", daemon=True)
        self.sent: Counter[int] = Counter()
        self._folder, self._stopped = folder, stop
        self._codes: dict[str, str] = {}
        self._guard = threading.Lock()

    def run(self) -> None:
        """Collect until stopped."""
        while not self._stopped.wait(LOOK_SECONDS):
            self.collect()

    def collect(self) -> None:
        """Read and remove the current files."""
        with self._guard:
            for file in sorted(self._folder.glob("*.eml")):
                named = NAME.fullmatch(file.name)
                assert named is not None, file.name
                raw = file.read_bytes()
                if named[2] == "otp_code":
                    self._keep_code(raw)
                self.sent[int(named[1])] += 1
                file.unlink()

    def _keep_code(self, raw: bytes) -> None:
        mail = message_from_bytes(raw, policy=default)
        text = mail.get_body(("plain",))
        found = CODE.search(text.get_content()) if text else None
        if found is not None:
            self._codes[str(mail["To"].addresses[0].addr_spec)] = "".join(found.groups())

    def code_for(self, email: str) -> str:
        """Return the newest code for an address. Raises NoMail if none comes in time."""
        gives_up_at = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < gives_up_at and not self._stopped.is_set():
            code = self._codes.pop(email, None)
            if code is not None:
                return code
            time.sleep(LOOK_SECONDS)
        raise NoMail
