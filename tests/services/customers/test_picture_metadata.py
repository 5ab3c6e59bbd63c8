"""Pictures lose what a camera writes beside them."""

import io

import pytest
from PIL import Image

from shop.domain.image_headers import read_image_header
from shop.services.customers.picture_metadata import strip_metadata
from shop.services.errors import InvalidInput
from tests.support.pictures import PNG, jpeg, photo


def strip(data):
    return strip_metadata(data, read_image_header(data), "id_image")


def test_place_device_and_comment_go_and_the_picture_is_upright():
    sent = photo(40, 25, place="Westlands Road")
    assert b"Westlands Road" in sent
    kept = strip(sent)
    assert b"Westlands" not in kept
    with Image.open(io.BytesIO(kept)) as picture:
        assert (dict(picture.getexif()), picture.size) == ({}, (25, 40))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_kinds_lose_it_too(kind):
    exif, out = Image.Exif(), io.BytesIO()
    exif[0x010E] = "Westlands Road"
    Image.new("RGB", (30, 20)).save(out, kind, exif=exif)
    assert b"Westlands" in out.getvalue()
    assert b"Westlands" not in strip(out.getvalue())


@pytest.mark.parametrize("data", [PNG, photo()], ids=["png", "jpeg"])
def test_a_picture_without_metadata_stays_byte_for_byte(data):
    assert strip(data) == data


def test_a_header_without_a_picture_is_refused():
    with pytest.raises(InvalidInput, match="must be a picture"):
        strip(jpeg())
