"""Counters of several processes, kept in one folder: whichever process is asked for ``/metrics`` knows them all.

Imported before anything that counts, because the library looks for the folder when it is imported.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

NAME = "PROMETHEUS_MULTIPROC_DIR"


def keep_counters_together() -> None:
    """Name a folder in the environment: the given one, else a new one that goes with this process.

    From one that is given, what processes that are gone had counted is removed.
    """
    given = os.environ.get(NAME)
    if given:
        place = Path(given)
        place.mkdir(parents=True, exist_ok=True)
        for kept in place.glob("*_*.db"):
            if not _lives(kept.stem.rpartition("_")[2]):
                kept.unlink(missing_ok=True)
        return
    folder = os.environ[NAME] = tempfile.mkdtemp(prefix="tuza-metrics-")
    owner = os.getpid()

    def remove() -> None:
        if os.getpid() == owner:  # the workers are forks of it
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)


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
