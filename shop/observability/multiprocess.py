"""Counters of several processes in one folder, so that each of them can return the metrics of all.

Must be imported before anything that counts: prometheus_client reads the folder's name when it is imported.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

NAME = "PROMETHEUS_MULTIPROC_DIR"
MEMORY = Path("/dev/shm")  # noqa: S108 (a folder of its own is made in it)


def keep_counters_together() -> None:
    """Set the environment variable of the folder: the given one, or a new one that is removed with this process.

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
    """Create a folder for counters that is removed when this process ends, in memory if possible.

    Counters are sparse memory-mapped files: on a full disk, writing to them would end the process with SIGBUS.
    """
    in_memory = MEMORY if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) else None
    folder = tempfile.mkdtemp(prefix="tuza-metrics-", dir=in_memory)
    owner = os.getpid()

    def remove() -> None:
        if os.getpid() == owner:  # workers are forked from it
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder


def _lives(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, ValueError):
        pass  # not one of our files, or not ours to remove
    return True


def forget_counters(pid: int) -> None:
    """Forget the open files of a process that ended; its counts are kept."""
    if NAME in os.environ:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(pid)  # type: ignore[no-untyped-call]
