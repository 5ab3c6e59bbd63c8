"""Image formats are recognised by content."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.domain.image_headers import ImageHeader, read_image_header
from tests.support.pictures import jpeg, png, webp


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (png(1200, 800), "png"),
        (jpeg(1200, 800), "jpeg"),
        (webp(b"VP8X", 1200, 800), "webp"),
        (webp(b"VP8L", 1200, 800), "webp"),
        (webp(b"VP8 ", 1200, 800), "webp"),
        *((webp(kind, 1200, 800) + b"\xff\xff", "webp") for kind in (b"VP8X", b"VP8L", b"VP8 ")),
    ],
)
def test_a_picture_says_its_kind_and_size(data, kind):
    assert read_image_header(data) == ImageHeader(kind, 1200, 800)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + b"\0" * 40,
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%PDF-1.7",
        b"\xff\xd8\xff\xe0<script>",
        b"\x89PNG\r\n\x1a\n",
        png()[:20],
        jpeg()[:30],
        b"\xff\xd8\xff\xda\0\x08",
        webp()[:18],
        webp(b"VP8L").replace(b"\x2f", b"\x00"),
        b"RIFF\0\0\0\0WAVEfmt ",
        webp().replace(b"WEBP", b"WAVE"),
        webp().replace(b"RIFF", b"RIFX"),
        webp(b"VP8 ").replace(b"\x9d\x01\x2a", b"\0\0\0"),
        b"\xff\xd8\xff\xd9\0\4\0\0" + jpeg()[2:],
    ],
)
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(ValueError, match="JPEG, PNG or WebP"):
        read_image_header(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (png(20_001, 1), "20,000"),
        (png(1, 20_001), "20,000"),
        (png(0, 5), "wide"),
        (png(5, 0), "wide"),
        (png(10_000, 10_001), "100,000,000"),
    ],
)
def test_an_absurd_size_is_refused(data, words):
    with pytest.raises(ValueError, match=words):
        read_image_header(data)


@given(st.sampled_from([b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR", b"\xff\xd8\xff", b"RIFF0000WEBPVP8 "]), st.binary())
def test_no_bytes_break_the_reading(start, rest):
    with contextlib.suppress(ValueError):
        assert read_image_header(start + rest).width > 0


@pytest.mark.parametrize(("width", "height"), [(20_000, 1), (1, 20_000), (10_000, 10_000)])
def test_the_largest_size_is_taken(width, height):
    assert read_image_header(png(width, height)) == ImageHeader("png", width, height)


def segment(marker, width=7, height=9):
    """Return a JPEG segment with a frame header's content."""
    return b"\xff" + bytes([marker]) + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\0"


@pytest.mark.parametrize("marker", range(0xC0, 0xD0))
def test_a_jpeg_has_the_size_of_its_frame(marker):
    is_frame = marker not in (0xC4, 0xC8, 0xCC)  # tables, a reserved one, and conditioning
    found = read_image_header(b"\xff\xd8" + segment(marker) + segment(0xC0, 40, 25))
    assert (found.width, found.height) == ((7, 9) if is_frame else (40, 25))


@pytest.mark.parametrize("marker", [0x01, 0x02, *range(0xD0, 0xD9), 0xDB, 0xDC])
def test_some_segments_of_a_jpeg_have_no_length(marker):
    alone = marker == 0x01 or 0xD0 <= marker <= 0xD7
    before = b"\xff" + bytes([marker]) + (b"" if alone else b"\0\4\0\0")
    assert read_image_header(b"\xff\xd8" + before + segment(0xC0)) == ImageHeader("jpeg", 7, 9)
