"""Files of messages, each written completely or not at all."""

import os
import tempfile
from pathlib import Path


def write_file(folder: Path, name: str, content: bytes) -> None:
    """Write a file readable by this user alone; make its folder. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(prefix=".writing-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(unfinished, folder / name)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
