"""The logo of a shop: converted, shown wherever customers see the name, replaced, removed."""

import io
from pathlib import Path

import pytest
from PIL import Image

from shop.services.errors import InvalidInput
from shop.services.images.logo import remove_logo, set_logo
from shop.services.shops.settings import change_setting, get_settings
from tests import factories
from tests.support.pictures import photo, png


def folders(app):
    return {path.name for path in (Path(app.config["UPLOAD_FOLDER"]) / "products").glob("*/*")}


def test_a_logo_is_made_smaller_and_served_as_webp_and_png(app, client, inside):
    logo = inside(set_logo, png(1200, 300), factories.TESTER)
    assert (logo.width, logo.height, logo.is_wide, logo.shown(40)) == (480, 120, True, (160, 40))
    assert inside(get_settings).logo == logo
    for kind in ("webp", "png"):
        answer = client.get(logo.path(kind))
        assert answer.mimetype == f"image/{kind}"
        assert Image.open(io.BytesIO(answer.data)).size == (480, 120)


def test_the_files_of_an_earlier_logo_are_deleted_unless_another_shop_has_it(app, shop, inside):
    first = inside(set_logo, photo(30, 30), factories.TESTER)
    assert (first.width, first.is_wide) == (30, False)
    second = inside(set_logo, png(40, 25), factories.TESTER)
    assert first.digest not in folders(app)
    with app.app_context():
        factories.make_shop("Soko", store_logo=str(second))
    inside(remove_logo, factories.TESTER)
    assert inside(get_settings).logo is None
    assert second.digest in folders(app)


@pytest.mark.parametrize("data", [None, b"", b"<svg/>", png(9000, 9000)])
def test_what_cannot_be_a_logo_is_refused(inside, data):
    with pytest.raises(InvalidInput) as refusal:
        inside(set_logo, data, factories.TESTER)
    assert refusal.value.errors[0].field == "logo"


def test_the_setting_takes_only_a_stored_logo(inside):
    with pytest.raises(InvalidInput):
        inside(change_setting, "store_logo", "https://elsewhere.example/logo.png", factories.TESTER)
