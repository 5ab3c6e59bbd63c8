"""Counters of several processes in one folder, so that any of them can answer ``/metrics`` for all.

Imported before anything that counts, because prometheus_client looks for the folder when it is imported.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

NAME = "PROMETHEUS_MULTIPROC_DIR"
MEMORY = Path("/dev/shm")  # noqa: S108 (a folder of its own is made in it)


def keep_counters_together() -> None:
    """Name a folder in the environment: the given one, or a new one that is removed with this process.

    From a given folder, the files of processes that have ended are removed.
    """
    given = os.environ.get(NAME)
    if not given:
        os.environ[NAME] = make_counters_folder()
        return
    folder = Path(given)
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*_*.db"):
        if not _lives(file.stem.rpartition("_")[2]):
            file.unlink(missing_ok=True)


def make_counters_folder() -> str:
    """Make a folder for counters that is removed when this process ends, in memory where the system has such a place.

    Counters are sparse files mapped into memory: on a full disk, counting would end the process with SIGBUS.
    """
    in_memory = MEMORY if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) else None
    folder = tempfile.mkdtemp(prefix="tuza-metrics-", dir=in_memory)
    owner = os.getpid()

    def remove() -> None:
        if os.getpid() == owner:  # the workers are forks of it
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder


def _lives(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, ValueError):
        pass  # somebody else's, or no file of ours: not ours to remove
    return True


def forget_counters(pid: int) -> None:
    """Leave out what a process that ended had open; what it counted stays counted."""
    if NAME in os.environ:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(pid)  # type: ignore[no-untyped-call]
