"""Accepted image formats, recognised by the file's content, never by its name or the browser's content type."""

import struct
from dataclasses import dataclass
from typing import Literal

from shop.domain.text.messages import Translatable

MAX_SIDE = 20_000
MAX_PIXELS = 100_000_000

Kind = Literal["jpeg", "png", "webp"]
JPEG_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
JPEG_ALONE = {0x01, *range(0xD0, 0xD8)}


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """The format of an image and its size in pixels."""

    kind: Kind
    width: int
    height: int


def read_image_header(data: bytes) -> ImageHeader:
    """Return the header of a JPEG, PNG or WebP. Raise ValueError with a sentence for anything else."""
    try:
        found = _png(data) or _jpeg(data) or _webp(data)
    except (struct.error, IndexError):
        found = None
    if found is None:
        raise ValueError("must be a picture: JPEG, PNG or WebP")
    if not (0 < found.width <= MAX_SIDE and 0 < found.height <= MAX_SIDE):
        raise ValueError(Translatable("must be at most %(limit)s pixels wide and high", limit=f"{MAX_SIDE:,}"))
    if found.width * found.height > MAX_PIXELS:
        raise ValueError(Translatable("must have at most %(limit)s pixels", limit=f"{MAX_PIXELS:,}"))
    return found


def _png(data: bytes) -> ImageHeader | None:
    if data[:16] != b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR":
        return None
    width, height = struct.unpack(">II", data[16:24])
    return ImageHeader("png", width, height)


def _jpeg(data: bytes) -> ImageHeader | None:
    """Read the segments up to the frame header, which has the size."""
    if data[:3] != b"\xff\xd8\xff":
        return None
    at = 2
    while data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
        elif marker in JPEG_ALONE:
            at += 2
        elif marker in JPEG_FRAMES:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return ImageHeader("jpeg", width, height)
        elif marker in {0xD9, 0xDA}:  # the end or the image data, without a frame header before it
            return None
        else:
            at += 2 + int(struct.unpack(">H", data[at + 2 : at + 4])[0])
    return None


def _webp(data: bytes) -> ImageHeader | None:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or len(data) < 25:
        return None
    form = data[12:16]
    if form == b"VP8X" and len(data) >= 30:
        return ImageHeader("webp", 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little"))
    if form == b"VP8L" and data[20] == 0x2F:
        bits = int(struct.unpack("<I", data[21:25])[0])
        return ImageHeader("webp", 1 + (bits & 0x3FFF), 1 + ((bits >> 14) & 0x3FFF))
    if form == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", data[26:30])
        return ImageHeader("webp", width & 0x3FFF, height & 0x3FFF)
    return None
