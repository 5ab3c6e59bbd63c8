"""The files made from a picture."""

import pytest

from shop.domain.catalogue.images import image_path, widths_of


@pytest.mark.parametrize(
    ("width", "widths"),
    [
        (100, (100,)),
        (160, (160,)),
        (161, (160, 161)),
        (1000, (160, 480, 960, 1000)),
        (1600, (160, 480, 960, 1600)),
        (5000, (160, 480, 960, 1600)),
    ],
)
def test_a_picture_has_a_file_of_each_smaller_width_and_its_own(width, widths):
    assert widths_of(width) == widths


@pytest.mark.parametrize(("wanted", "chosen"), [(1, 160), (160, 160), (161, 480), (961, 1000), (2000, 1000)])
def test_the_narrowest_file_that_is_wide_enough_is_shown(wanted, chosen):
    assert image_path("d1", 1000, wanted) == f"/media/d1/{chosen}.webp"
