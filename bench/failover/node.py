"""One PostgreSQL with its Patroni: started, asked what it is, killed as when the power goes, and brought back."""

import json
import os
import signal
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench.failover.processes import Process

ASK_SECONDS = 2


class Node:
    """A member of the cluster, with everything of its own in ``folder``: ``patroni.yml``, the data, the log."""

    def __init__(self, name: str, folder: Path, patroni: str) -> None:
        self.name = name
        self._folder, self._patroni = folder, patroni
        self._process: Process | None = None

    def start(self) -> None:
        """Start Patroni, which starts PostgreSQL: makes it, copies it from the leader, or rewinds it, as need be."""
        self._process = Process(["patroni", self._folder / "patroni.yml"], self._folder, "patroni")

    def is_(self, role: str) -> bool:
        """Whether Patroni says so: ``primary``, ``replica``, ``synchronous``."""
        try:
            with urllib.request.urlopen(f"{self._patroni}/{role}", timeout=ASK_SECONDS) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.HTTPError):
            return False

    def status(self) -> dict[str, Any]:
        """What Patroni says of itself; empty when it does not answer."""
        try:
            with urllib.request.urlopen(f"{self._patroni}/patroni", timeout=ASK_SECONDS) as answer:
                said: dict[str, Any] = json.load(answer)
                return said
        except (OSError, ValueError):
            return {}

    def kill(self) -> None:
        """SIGKILL to Patroni and to every process of PostgreSQL, in one go."""
        postmaster = self._postmaster()
        if self._process is not None:
            self._process.kill()
        if postmaster is None:
            return
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children")
        with suppress(OSError):
            doomed = [postmaster, *map(int, children.read_text().split())]
            for pid in doomed:  # each is a session of its own
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """Ask Patroni to end, and PostgreSQL with it."""
        if self._process is not None and self._process.runs:
            self._process.stop()
        self.kill()

    def last_words(self) -> str:
        """The end of Patroni's log."""
        log = self._folder / "patroni.log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else ""

    def _postmaster(self) -> int | None:
        """The running PostgreSQL's process; None when there is none."""
        try:
            pid = int((self._folder / "data/postmaster.pid").read_text().split("\n", 1)[0])
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if str(self._folder).encode() in words else None
