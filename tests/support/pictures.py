"""Small pictures built from the formats' headers."""

import io
import struct
import zlib

from PIL import Image


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int = 40, height: int = 25) -> bytes:
    """Return a grey PNG that any browser shows."""
    rows = b"".join(b"\0" + b"\x99" * width for _ in range(height)) if width * height < 10**7 else b""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = _chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(rows)), _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def jpeg(width: int = 40, height: int = 25) -> bytes:
    """Return the segments of a JPEG up to its image data: an application's own, padding, a table, the frame."""
    app = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF" + b"\0" * 10
    table = b"\xff\xff\xdb" + struct.pack(">H", 67) + b"\0" * 65
    frame = b"\xff\xc2" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\0"
    return b"\xff\xd8" + app + table + frame + b"\xff\xda\0\x08\x01\x01\0\0\x3f\0\xff\xd9"


def photo(width: int = 40, height: int = 25, *, place: str = "") -> bytes:
    """Return a JPEG that can be decoded; with a ``place``, its EXIF has it and an orientation."""
    exif = Image.Exif()
    if place:
        exif[0x010E] = place  # ImageDescription
        exif[0x0112] = 6  # Orientation: turn by 90 degrees
        exif.get_ifd(0x8825)[1] = "S"  # GPSLatitudeRef
    out = io.BytesIO()
    Image.new("RGB", (width, height), (90, 120, 150)).save(out, "JPEG", exif=exif if place else b"", comment=place)
    return out.getvalue()


def webp(kind: bytes = b"VP8X", width: int = 40, height: int = 25) -> bytes:
    """Return the header of a WebP: lossy, lossless or extended."""
    if kind == b"VP8X":
        data = b"\0" * 4 + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    elif kind == b"VP8L":
        data = b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14)
    else:
        data = b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height)
    body = b"WEBP" + kind + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


PNG = png()
