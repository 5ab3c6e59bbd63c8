"""Create, verify and restore backups on both engines."""

import filecmp
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

from shop.backups import postgresql, sqlite
from shop.backups.archive import DATABASE, FILES, BackupError, Manifest, pack, unpacked

STAMP: Final = "%Y%m%dT%H%M%SZ"
NAME: Final = "tuza-{}.tar.gz"
PATTERN: Final = "tuza-????????T??????Z.tar.gz"


@dataclass(frozen=True, slots=True)
class Installation:
    """The source of a backup: the database URL of the configuration and the instance folder."""

    url: str
    instance: Path

    @property
    def engine(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return make_url(self.url).get_backend_name()

    @property
    def file(self) -> Path:
        """The SQLite database."""
        return Path(make_url(self.url).database or "")


def create_backup(home: Installation, folder: Path, *, keep: int | None = None) -> tuple[Path, Manifest]:
    """Write a backup to a folder while the shop is open. With ``keep``, delete all but the newest.

    Raises BackupError.
    """
    made_at = datetime.now(UTC)
    target = folder / NAME.format(made_at.strftime(STAMP))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=folder) as name:
            database = Path(name) / DATABASE
            if home.engine == "sqlite":
                sqlite.copy(home.file, database)
                manifest = sqlite.describe(database, made_at.isoformat(timespec="seconds"))
            else:
                manifest = postgresql.dump(home.url, database, made_at.isoformat(timespec="seconds"))
            pack(target, manifest, database, home.instance)
    except OSError as wrong:
        raise BackupError(f"The backup cannot be written to {folder}: {wrong.strerror or wrong}.") from None
    if keep is not None:
        for old in sorted(folder.glob(PATTERN), reverse=True)[keep:]:
            old.unlink()
    return target, manifest


@contextmanager
def set_up(home: Installation, backup: Path) -> Iterator[tuple[Manifest, str]]:
    """Yield a backup's manifest and the URL of a temporary database with its contents.

    A PostgreSQL backup is restored into a temporary database on the same server. Raises BackupError if the backup is
    incomplete.
    """
    with unpacked(backup) as (manifest, folder):
        _same_engine(home, manifest)
        if home.engine == "sqlite":
            _compare(manifest, sqlite.describe(folder / DATABASE, manifest.made_at))
            yield manifest, f"sqlite:///{folder / DATABASE}"
        else:
            with postgresql.set_up(home.url, folder / DATABASE) as url:
                _compare(manifest, postgresql.describe(url, manifest.made_at))
                yield manifest, url


def is_taken(home: Installation) -> bool:
    """Return whether a restore would replace an existing database."""
    if home.engine == "sqlite":
        return home.file.exists() and home.file.stat().st_size > 0
    return not postgresql.is_empty(home.url)


def restore_backup(home: Installation, backup: Path) -> tuple[Manifest, list[str]]:
    """Restore a backup. Keep what it replaces, and return sentences that name it.

    Raises BackupError; nothing has changed then, unless the message says otherwise.
    """
    kept = []
    with unpacked(backup) as (manifest, folder):
        _same_engine(home, manifest)
        stamp = datetime.now(UTC).strftime(STAMP)
        taken = is_taken(home)
        if home.engine == "sqlite":
            _compare(manifest, sqlite.describe(folder / DATABASE, manifest.made_at))
            if taken:
                former = home.file.with_name(f"{home.file.name}.before-{stamp}")
                sqlite.copy(home.file, former)
                kept.append(f"The former database is kept as {former}.")
            sqlite.put_back(folder / DATABASE, home.file)
            _compare(manifest, sqlite.describe(home.file, manifest.made_at), live=True)
        else:
            name = postgresql.put_back(home.url, folder / DATABASE)
            kept.append(f"The former database is kept on the server as {name}.")
            _compare(manifest, postgresql.describe(home.url, manifest.made_at), live=True)
        moved = _put_files_back(folder / FILES, home.instance, home.instance / f"before-{stamp}")
        if moved:
            kept.append(f"{moved} files that were different are kept in {home.instance / f'before-{stamp}'}.")
    return manifest, kept


def _put_files_back(source: Path, instance: Path, aside: Path) -> int:
    """Copy the instance's files, moving different existing ones aside. Return how many were moved."""
    moved = 0
    for file in sorted(source.rglob("*")) if source.is_dir() else []:
        place = instance / file.relative_to(source)
        if not file.is_file() or (place.is_file() and filecmp.cmp(file, place, shallow=False)):
            continue
        if place.exists():
            (aside / file.relative_to(source)).parent.mkdir(parents=True, exist_ok=True)
            os.replace(place, aside / file.relative_to(source))
            moved += 1
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, place)
    return moved


def _same_engine(home: Installation, manifest: Manifest) -> None:
    if manifest.engine != home.engine:
        raise BackupError(f"This is a backup of {manifest.engine}, and DATABASE_URL names {home.engine}.")


def _compare(manifest: Manifest, found: Manifest, *, live: bool = False) -> None:
    """Raise BackupError if rows, points or schema differ from the manifest.

    A ``live`` database may receive writes before it is compared, so only missing rows are errors there.
    """
    if found.schema != manifest.schema:
        raise BackupError(f"The schema is {found.schema}, and the manifest says {manifest.schema}.")
    for table, count in manifest.counts.items():
        there = found.counts.get(table, 0)
        if there < count if live and table == "loyalty_entries" else (not live and there != count):
            raise BackupError(f"The table {table} has {there:,} rows, and the manifest says {count:,}.")
    if not live and found.points != manifest.points:
        raise BackupError(f"The ledger holds {found.points:,} points, and the manifest says {manifest.points:,}.")
