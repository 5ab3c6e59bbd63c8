"""Processes of the benchmark: run as another user where root is not allowed, and ended with the benchmark."""

import ctypes
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from bench.replay.nouns import CannotReplay

PR_SET_PDEATHSIG = 1
STOP_SECONDS = 20
LOOK_SECONDS = 0.05


class Process:
    """A program with its own log file, in its own process group so that Ctrl-C reaches the benchmark only."""

    def __init__(self, command: Sequence[str | Path], folder: Path, name: str) -> None:
        self.log = folder / f"{name}.log"
        user = plain_user()
        as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(part) for part in command],
                cwd=folder,
                env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8", "HOME": str(folder)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent,
                **as_user,  # type: ignore[call-overload]
            )
        self.pid = self._process.pid

    @property
    def runs(self) -> bool:
        """Return whether it is running."""
        return self._process.poll() is None

    def stop(self) -> None:
        """Stop it and wait; kill it after a timeout."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Kill it and its group (SIGKILL)."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()


def plain_user() -> pwd.struct_passwd | None:
    """Return the user to run as: None for the current one. Raises CannotReplay if root has no other user."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        raise CannotReplay("Root needs a user postgres to run PostgreSQL as.") from None


def give_to_plain_user(path: Path) -> None:
    """Change the owner of a file or folder to the other user, if there is one."""
    user = plain_user()
    if user:
        os.chown(path, user.pw_uid, user.pw_gid)


def wait_for(what: str, is_so: Callable[[], bool], seconds: float) -> float:
    """Wait for a condition; return how long that took. Raises CannotReplay on timeout."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > seconds:
            raise CannotReplay(f"After {seconds:.0f} seconds still waiting for: {what}.")
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - began


def _die_with_parent() -> None:
    """Make the kernel end this child when the benchmark is killed (Linux only)."""
    if os.uname().sysname == "Linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
