"""Files and folders that only the user of the installation can read."""

import os
from contextlib import suppress
from pathlib import Path

UMASK = 0o077
"""New files get 0600 and new folders 0700."""


def make_private(folder: Path) -> None:
    """Remove other users' permissions from an instance folder and its direct entries, which older versions set.

    Entries owned by another user are not changed.
    """
    for path in (folder, *folder.iterdir()):
        with suppress(OSError):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode & ~UMASK)


def restrict_new_files() -> None:
    """Set the process's umask."""
    os.umask(UMASK)
