"""Uploaded pictures: files in a private folder that no URL serves, with random names."""

import os
import secrets
import time
from pathlib import Path

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import is_open
from shop.db.upsert import PURGED_AT_ONCE
from shop.domain.image_headers import ImageHeader, read_image_header
from shop.models import LoyaltyRegistration
from shop.services.app_config import app_config
from shop.services.errors import InvalidInput, NotFound

TYPES = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
YOUNG_SECONDS = 3600
"""A file this old that no row names does not belong to an open transaction."""


def upload_folder() -> Path:
    """Return the folder of uploaded files, created if missing, readable by this user only."""
    folder = Path(app_config()["UPLOAD_FOLDER"])
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def check_picture(data: bytes, field: str) -> ImageHeader:
    """Return a picture's kind and size. Raise InvalidInput naming ``field`` if it is none or has too many pixels."""
    try:
        return read_image_header(data)
    except ValueError as wrong:
        raise InvalidInput.of(field, str(wrong)) from None


def keep_picture(data: bytes, picture: ImageHeader) -> str:
    """Write a picture, readable by this user only, and return its name. Flushed to disk on return."""
    name = f"{secrets.token_hex(16)}.{picture.kind}"
    with os.fdopen(os.open(upload_folder() / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return name


def drop_picture(name: str | None) -> None:
    """Delete a picture's file, if there is one.

    Must be called after the commit of the transaction that removed its name. Within a transaction, which may be rolled
    back, the file is left to the next :func:`purge_pictures`.
    """
    if name is not None and not is_open():
        (upload_folder() / name).unlink(missing_ok=True)


def read_kept(name: str | None) -> tuple[bytes, str]:
    """Return a stored picture and its media type. Raise NotFound."""
    try:
        data = (upload_folder() / (name or "")).read_bytes()
    except OSError:
        raise NotFound("There is no picture.", code="picture_not_found") from None
    return data, TYPES[(name or "").rpartition(".")[2]]


def purge_pictures() -> int:
    """Delete files older than an hour that no registration of the session's shops names; return how many.

    Files are left over if a process stops between a commit and the deletion, or if a transaction is rolled back.
    """
    before = time.time() - YOUNG_SECONDS
    old = [file for file in upload_folder().iterdir() if file.is_file() and file.stat().st_mtime < before]
    if not old:
        return 0
    named = select(LoyaltyRegistration.id_image).where(LoyaltyRegistration.id_image.is_not(None))
    known = set(db.session.scalars(named))
    lost = [file for file in old if file.name not in known]
    for file in lost:
        file.unlink(missing_ok=True)
    return min(len(lost), PURGED_AT_ONCE - 1)  # all are deleted: there is no next batch
