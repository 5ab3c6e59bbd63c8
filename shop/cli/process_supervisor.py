"""Start the processes of ``tuza up`` and stop them together, so that none is left behind."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from shop.cli.parent_watch import PARENT_PIPE
from shop.config import ROOT

POLL_SECONDS = 0.2
STOP_TIMEOUT_SECONDS = 20
"""Longer than gunicorn's ``graceful_timeout``."""


class ProcessSupervisor:
    """Processes that start and stop together."""

    def __init__(self) -> None:
        self._processes: list[tuple[str, subprocess.Popen[bytes]]] = []
        self._read_end, self._write_end = os.pipe()
        self.stopping = False
        """Set by signals. Not a ``threading.Event``: a signal handler may run while its lock is held."""

    def start(self, name: str, command: Sequence[str], environ: Mapping[str, str]) -> None:
        """Start a process in its own group: Ctrl-C reaches only the supervisor, which stops it in an orderly way."""
        process = subprocess.Popen(  # noqa: S603 (our own command)
            command,
            cwd=ROOT,
            env={**environ, PARENT_PIPE: str(self._read_end)},
            pass_fds=[self._read_end],
            process_group=0,
        )
        self._processes.append((name, process))

    def find_exited(self) -> str | None:
        """Return the name of a process that has ended without being stopped."""
        return next((name for name, process in self._processes if process.poll() is not None), None)

    def wait(self) -> str | None:
        """Wait for a signal (return None) or for the end of a process (return its name)."""
        while not self.stopping:
            exited = self.find_exited()
            if exited is not None:
                return exited
            time.sleep(POLL_SECONDS)
        return None

    def stop(self) -> None:
        """Stop all processes with SIGTERM, and with SIGKILL those still running after the timeout."""
        os.close(self._write_end)
        for _, process in self._processes:
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
        for _, process in self._processes:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        os.close(self._read_end)


@contextmanager
def supervised() -> Iterator[ProcessSupervisor]:
    """Yield a supervisor that handles the termination signals and stops its processes at the end of the block."""
    supervisor = ProcessSupervisor()
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup ignores it on purpose
        numbers.append(signal.SIGHUP)

    def request_stop(*_: object) -> None:
        supervisor.stopping = True

    before = {number: signal.signal(number, request_stop) for number in numbers}
    try:
        yield supervisor
    finally:
        supervisor.stop()
        for number, handler in before.items():
            signal.signal(number, handler)
