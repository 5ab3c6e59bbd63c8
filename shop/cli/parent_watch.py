"""End a child process when its parent ends for any reason: the parent holds the write end of a pipe open."""

import os
import signal
import threading
from collections.abc import Mapping

PARENT_PIPE = "TUZA_PARENT_PIPE"
"""Environment variable with the file descriptor of the pipe's read end."""


def exit_with_parent(environ: Mapping[str, str] | None = None) -> None:
    """Send this process SIGTERM when its parent ends. No-op unless the parent is a ``ProcessSupervisor``."""
    given = (os.environ if environ is None else environ).get(PARENT_PIPE, "")
    if given.isdigit():
        threading.Thread(target=_watch, args=(int(given),), name="tuza-parent-watch", daemon=True).start()


def _watch(read_end: int) -> None:
    try:
        os.read(read_end, 1)  # nothing is ever written: this returns when the write end closes
    except OSError:
        return  # the variable was inherited from another process: there is no such pipe
    os.kill(os.getpid(), signal.SIGTERM)
