"""Image formats are recognised by content."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.domain.image_headers import MAX_SIDE, ImageHeader, read_image_header
from tests.support.pictures import jpeg, png, webp


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (png(1200, 800), "png"),
        (jpeg(1200, 800), "jpeg"),
        (webp(b"VP8X", 1200, 800), "webp"),
        (webp(b"VP8L", 1200, 800), "webp"),
        (webp(b"VP8 ", 1200, 800), "webp"),
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
    ],
)
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(ValueError, match="JPEG, PNG or WebP"):
        read_image_header(data)


@pytest.mark.parametrize(
    ("data", "words"), [(png(MAX_SIDE + 1, 1), "wide"), (png(0, 5), "wide"), (png(15_000, 15_000), "100,000,000")]
)
def test_an_absurd_size_is_refused(data, words):
    with pytest.raises(ValueError, match=words):
        read_image_header(data)


@given(st.sampled_from([b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR", b"\xff\xd8\xff", b"RIFF0000WEBPVP8 "]), st.binary())
def test_no_bytes_break_the_reading(start, rest):
    with contextlib.suppress(ValueError):
        assert read_image_header(start + rest).width > 0
