"""The processes that ``up`` starts, and their end: none is left behind, whatever ends ``up``."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from shop.cli.parent_watch import NAME
from shop.config import ROOT

POLL_SECONDS = 0.2
PATIENCE_SECONDS = 20
"""Longer than gunicorn's own patience with requests that are running."""


class Household:
    """Processes that live and end together."""

    def __init__(self) -> None:
        self._processes: list[tuple[str, subprocess.Popen[bytes]]] = []
        self._reading_end, self._writing_end = os.pipe()
        self.stopping = False
        """Set by Ctrl-C, SIGTERM and the end of the terminal. No Event: a handler may come while it is being locked."""

    def start(self, name: str, command: Sequence[str], environ: Mapping[str, str]) -> None:
        """Start a process in a group of its own, so that Ctrl-C reaches only us and its end is an orderly one."""
        process = subprocess.Popen(  # noqa: S603 (our own command)
            command,
            cwd=ROOT,
            env={**environ, NAME: str(self._reading_end)},
            pass_fds=[self._reading_end],
            process_group=0,
        )
        self._processes.append((name, process))

    def find_fallen(self) -> str | None:
        """The name of a process that has ended by itself."""
        return next((name for name, process in self._processes if process.poll() is not None), None)

    def wait(self) -> str | None:
        """Wait until told to stop (None), or until a process has ended by itself (its name)."""
        while not self.stopping:
            fallen = self.find_fallen()
            if fallen is not None:
                return fallen
            time.sleep(POLL_SECONDS)
        return None

    def end(self) -> None:
        """End all processes: asked first, and after a while made to."""
        os.close(self._writing_end)
        for _, process in self._processes:
            if process.poll() is None:
                process.terminate()
        ends = time.monotonic() + PATIENCE_SECONDS
        for _, process in self._processes:
            try:
                process.wait(max(0.1, ends - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        os.close(self._reading_end)


@contextmanager
def household() -> Iterator[Household]:
    """A household that ends with the block, and is told of the signals that should end it."""
    home = Household()
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup's wish is respected
        numbers.append(signal.SIGHUP)

    def told(*_: object) -> None:
        home.stopping = True

    before = {number: signal.signal(number, told) for number in numbers}
    try:
        yield home
    finally:
        home.end()
        for number, handler in before.items():
            signal.signal(number, handler)
