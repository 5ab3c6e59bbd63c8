"""Remove metadata of the camera from pictures: place, device, time, previews."""

import io
from typing import Final

from shop.domain.image_headers import ImageHeader
from shop.services.errors import InvalidInput

LONGEST_SIDE: Final = 4000
"""JPEGs with metadata are decoded at about this size: a picture of 100 million pixels would need 300 MB."""
MAX_PIXELS: Final = 40_000_000
HARMLESS: Final = {
    *("jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "progressive", "progression", "gamma", "srgb"),
    *("transparency", "interlace", "loop", "background", "timestamp", "duration", "aspect", "chromaticity"),
    *("icc_profile", "adobe", "adobe_transform"),
}


def strip_metadata(data: bytes, picture: ImageHeader, field: str) -> bytes:
    """Return the picture without EXIF, XMP, comments and other metadata, turned upright; as it is if there are none.

    Raise InvalidInput naming ``field`` if it cannot be decoded.
    """
    from PIL import Image, ImageOps  # a slow import of several MB that few processes need

    if picture.kind != "jpeg" and picture.width * picture.height > MAX_PIXELS:
        raise InvalidInput.of(field, "must have at most %(limit)s pixels", limit=f"{MAX_PIXELS:,}")
    try:
        with Image.open(io.BytesIO(data), formats=[picture.kind]) as image:
            image.draft(None, (LONGEST_SIDE, LONGEST_SIDE))
            image.load()
            if not image.getexif() and set(image.info) <= HARMLESS:
                return data
            upright = ImageOps.exif_transpose(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise InvalidInput.of(field, "must be a picture: JPEG, PNG or WebP") from None
    upright.info = {}
    out = io.BytesIO()
    upright.save(out, picture.kind, quality=90)
    return out.getvalue()
