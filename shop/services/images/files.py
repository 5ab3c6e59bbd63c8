"""Files of uploaded pictures below ``UPLOAD_FOLDER/products``, in a folder named by a digest of the upload.

The same picture is stored once, and the contents of a URL never change.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shop.services import clock
from shop.services.customers.uploads import check_picture, upload_folder
from shop.services.errors import InvalidInput

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

MAX_PIXELS: Final = 40_000_000


def media_folder() -> Path:
    """Return the folder of all picture files."""
    return upload_folder() / "products"


def _folder_of(digest: str) -> Path:
    return media_folder() / digest[:2] / digest


def read_file(digest: str, name: str) -> bytes | None:
    """Return a file of a picture, such as ``480.webp``; None if there is none."""
    try:
        return (_folder_of(digest) / name).read_bytes()
    except OSError:
        return None


def open_picture(data: bytes, field: str) -> "PillowImage":
    """Return an uploaded picture, upright and without metadata.

    Raises InvalidInput naming ``field`` if it is no JPEG, PNG or WebP, is damaged, or has too many pixels.
    """
    import io

    from PIL import Image, ImageOps, UnidentifiedImageError  # a slow import of several MB that few processes need

    header = check_picture(data, field)
    if header.width * header.height > MAX_PIXELS:
        raise InvalidInput.of(field, "must have at most %(limit)s pixels", limit=f"{MAX_PIXELS:,}")
    try:
        picture = Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP"))
        picture.draft("RGB", (3200, 3200))  # a JPEG is decoded at a fraction of its size
        upright = ImageOps.exif_transpose(picture)
        return upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError):
        raise InvalidInput.of(field, "cannot be read: the file is damaged") from None


def write_files(digest: str, write: Callable[[Path], None]) -> None:
    """Have ``write`` make the files of a picture in a temporary folder, which is renamed when it is complete.

    Does nothing if they exist.
    """
    folder = _folder_of(digest)
    if folder.is_dir():
        return
    partial = folder.with_name(f"{folder.name}.{clock.now().timestamp()}.part")
    media_folder().mkdir(mode=0o700, exist_ok=True)
    partial.mkdir(mode=0o700, parents=True)
    try:
        write(partial)
        for file in partial.iterdir():
            file.chmod(0o600)
        if not folder.is_dir():
            partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def delete_files(digest: str) -> None:
    """Delete the files of a picture, if there are any."""
    shutil.rmtree(_folder_of(digest), ignore_errors=True)
