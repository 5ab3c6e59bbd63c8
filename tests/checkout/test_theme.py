"""The shop's colour on the checkout: text is readable with every colour."""

import re

import pytest

from shop.checkout.colors import AA, contrast, format_color, parse_color, readable
from tests import factories

LIGHT, DARK = (255, 255, 255), (29, 26, 23)


def test_contrast_is_counted_as_wcag_does():
    assert contrast((0, 0, 0), (255, 255, 255)) == 21
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.478, abs=0.001)
    assert contrast((18, 52, 86), (18, 52, 86)) == 1


def test_a_colour_that_can_be_read_stays_as_it_is():
    assert format_color(readable(parse_color("#854800"), (255, 255, 255), (0, 0, 0))) == "#854800"


def test_without_a_colour_of_its_own_a_shop_has_the_checkouts(client, shop):
    assert "--" not in client.get(f"/checkout/{shop.slug}/theme.css").text


@pytest.mark.parametrize("brand", ["#ffffff", "#000000", "#ffee00", "#e08a01", "#00ff88", "#1d1a17", "#808080"])
def test_text_in_any_colour_of_a_shop_can_be_read_by_day_and_night(app, client, brand):
    with app.app_context():
        shop = factories.make_shop(brand_color=brand)
    answer = client.get(f"/checkout/{shop.slug}/theme.css")
    assert (answer.status_code, answer.mimetype) == (200, "text/css")
    for tokens, paper in zip(re.findall(r"\{(--[^}]*)\}", answer.text), (LIGHT, DARK, DARK), strict=True):
        found = {name: parse_color(value) for name, value in re.findall(r"--([\w-]+): (#\w+);", tokens)}
        assert contrast(found["accent-ink"], found["accent-tint"]) >= AA
        assert contrast(found["accent-ink"], paper) >= AA
        assert contrast(found["focus"], paper) >= 3
