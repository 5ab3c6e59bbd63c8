"""A PostgreSQL node with its Patroni: start, inspect, kill as in a power cut, and restart."""

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
    """A member of the cluster with its own ``folder``: ``patroni.yml``, data, log."""

    def __init__(self, name: str, folder: Path, patroni: str) -> None:
        self.name = name
        self._folder, self._patroni = folder, patroni
        self._process: Process | None = None

    def start(self) -> None:
        """Start Patroni, which starts PostgreSQL: creates it, copies it from the leader, or rewinds it."""
        self._process = Process(["patroni", self._folder / "patroni.yml"], self._folder, "patroni")

    def is_(self, role: str) -> bool:
        """Return whether Patroni reports this role: ``primary``, ``replica``, ``synchronous``."""
        try:
            with urllib.request.urlopen(f"{self._patroni}/{role}", timeout=ASK_SECONDS) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.HTTPError):
            return False

    def status(self) -> dict[str, Any]:
        """Return Patroni's status; empty if it does not respond."""
        try:
            with urllib.request.urlopen(f"{self._patroni}/patroni", timeout=ASK_SECONDS) as answer:
                said: dict[str, Any] = json.load(answer)
                return said
        except (OSError, ValueError):
            return {}

    def kill(self) -> None:
        """Send SIGKILL to Patroni and every process of PostgreSQL at once."""
        postgres = self._postgres()
        if self._process is not None:
            self._process.kill()
        _send(signal.SIGKILL, postgres)

    def freeze(self) -> None:
        """Stop all processes with SIGSTOP: their connections stay open without a response."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGSTOP)
        _send(signal.SIGSTOP, self._postgres())

    def stop(self) -> None:
        """Stop Patroni, and PostgreSQL with it."""
        if self._process is not None and self._process.runs:
            self._process.stop()
        self.kill()

    def last_words(self) -> str:
        """Return the end of Patroni's log."""
        log = self._folder / "patroni.log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else ""

    def _postgres(self) -> list[int]:
        """Return PostgreSQL's processes, the main one first; none if it does not run."""
        try:
            first = int((self._folder / "data/postmaster.pid").read_text().split("\n", 1)[0])
            words = Path(f"/proc/{first}/cmdline").read_bytes()
            others = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        except (OSError, ValueError):
            return []
        return [first, *map(int, others)] if str(self._folder).encode() in words else []


def _send(what: signal.Signals, to: list[int]) -> None:
    for pid in to:  # each is a session of its own
        with suppress(ProcessLookupError):
            os.kill(pid, what)
