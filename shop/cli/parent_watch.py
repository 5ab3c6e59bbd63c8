"""A pipe between ``up`` and what it started: when ``up`` goes, however it goes, the others notice and stop."""

import os
import signal
import threading
from collections.abc import Mapping

NAME = "TUZA_LIFELINE"


def hold_lifeline(environ: Mapping[str, str] | None = None) -> None:
    """Send this process SIGTERM when the process that started it is gone. Does nothing for one started by itself."""
    given = (os.environ if environ is None else environ).get(NAME, "")
    if given.isdigit():
        threading.Thread(target=_watch, args=(int(given),), name="tuza-lifeline", daemon=True).start()


def _watch(reading_end: int) -> None:
    try:
        os.read(reading_end, 1)  # nothing is ever written: this returns when the other end closes
    except OSError:
        return  # no such pipe: the variable was inherited by somebody it was not meant for
    os.kill(os.getpid(), signal.SIGTERM)
