"""The backup file: a gzipped tar that starts with a manifest, written completely or not at all."""

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
DATABASE: Final = "database"
FILES: Final = "files"
AT_ONCE: Final = 1024 * 1024
LEFT_OUT: Final = ("mail", "metrics", "backups", "secret_key", "demo.json", "erasures.jsonl")
"""Not backed up from the instance folder: development mails, counters, and what is to be stored
separately: the secret key, and the list of erasures, which a restore must not set back."""


class BackupError(Exception):
    """A backup cannot be made or read. The message gives the cause and, if there is one, the remedy."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Metadata of a backup: time, engine, schema, rows by table, and each file's hash."""

    made_at: str
    engine: str
    engine_version: str
    schema: str
    counts: dict[str, int]
    points: int
    """The sum of all points in the ledger."""
    hashes: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    @classmethod
    def read(cls, text: str) -> "Manifest":
        """Parse JSON. Raise BackupError for another format."""
        try:
            said: dict[str, Any] = json.loads(text)
            if said["format"] != FORMAT:
                raise BackupError(f"The backup has format {said['format']}; this version reads format {FORMAT}.")
            return cls(**said)
        except (ValueError, KeyError, TypeError):
            raise BackupError("The backup's manifest cannot be read.") from None


def pack(target: Path, manifest: Manifest, database: Path, instance: Path) -> None:
    """Write a backup that only this user can read. It gets its name when it is complete."""
    found = {DATABASE: database} | {f"{FILES}/{path.relative_to(instance)}": path for path in _instance_files(instance)}
    handle, unfinished = tempfile.mkstemp(prefix=".backup-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file, tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as tar:
            manifest.hashes.update({name: hash_file(path) for name, path in found.items()})
            text = json.dumps(asdict(manifest), indent=1).encode()
            head = tarfile.TarInfo(MANIFEST)
            head.size = len(text)
            tar.addfile(head, io.BytesIO(text))
            for name, path in found.items():
                tar.add(path, name, recursive=False)
        with open(unfinished, "rb") as written:
            os.fsync(written.fileno())
        os.replace(unfinished, target)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise


def _instance_files(instance: Path) -> Iterator[Path]:
    """Yield the data files other than the database, such as pictures of IDs."""
    for path in sorted(instance.rglob("*")):
        first = path.relative_to(instance).parts[0]
        left_out = first in LEFT_OUT or first.startswith((".", "before-", "tuza.db"))
        if path.is_file() and not path.is_symlink() and not left_out:
            yield path


@contextmanager
def unpacked(backup: Path) -> Iterator[tuple[Manifest, Path]]:
    """Yield a backup's manifest and a temporary folder with its contents. Raise BackupError if a hash differs."""
    with tempfile.TemporaryDirectory(prefix="tuza-backup-") as name:
        folder = Path(name)
        try:
            with tarfile.open(backup, "r:gz") as tar:
                extract_files(tar, folder.resolve())
        except FileNotFoundError:
            raise BackupError(f"There is no backup {backup}.") from None
        except (tarfile.TarError, OSError, EOFError) as broken:
            raise BackupError(f"{backup.name} is no backup, or damaged: {broken}") from None
        if not (folder / MANIFEST).is_file():
            raise BackupError(f"{backup.name} is no backup: it has no manifest.")
        manifest = Manifest.read((folder / MANIFEST).read_text())
        for file, expected in manifest.hashes.items():
            if not (folder / file).is_file() or hash_file(folder / file) != expected:
                raise BackupError(f"{backup.name} is damaged: {file} is not what was put in.")
        yield manifest, folder


def extract_files(tar: tarfile.TarFile, folder: Path) -> None:
    """Write an archive's files into a folder. Raise TarError for anything but a regular file below it.

    ``extractall(filter="data")`` came with Python 3.11.4, and Debian 12 has 3.11.2.
    """
    for member in tar:
        if member.isdir():
            continue
        target = (folder / member.name).resolve()
        source = tar.extractfile(member) if member.isreg() and target.is_relative_to(folder) else None
        if source is None:
            raise tarfile.TarError(f"{member.name} is no regular file, or lies outside")
        target.parent.mkdir(parents=True, exist_ok=True)
        with source, target.open("xb") as file:
            shutil.copyfileobj(source, file, AT_ONCE)
        target.chmod(member.mode & 0o755 | 0o600)


def hash_file(path: Path) -> str:
    total = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(AT_ONCE):
            total.update(part)
    return total.hexdigest()
