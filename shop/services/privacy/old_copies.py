"""Databases and files that a restore replaced and kept."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from shop.services.app_config import app_config


def find_old_copies(cutoff: datetime) -> list[Path]:
    """Return ``tuza.db.before-*`` files and ``before-*`` folders made before ``cutoff``.

    A former database on a PostgreSQL server is not included.
    """
    config = app_config()
    found = list(Path(config["SHOP_INSTANCE"]).glob("before-*"))
    url = make_url(config["SQLALCHEMY_DATABASE_URI"])
    if url.get_backend_name() == "sqlite" and url.database:
        file = Path(url.database)
        found += file.parent.glob(f"{file.name}.before-*")
    return [path for path in found if datetime.fromtimestamp(path.stat().st_mtime, UTC) < cutoff]


def delete_old_copies(cutoff: datetime) -> int:
    """Delete these files and folders; return how many."""
    found = find_old_copies(cutoff)
    for path in found:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    return len(found)
