"""A shop's logo: its setting, and its size on a page."""

import pytest

from shop.domain.logos import MAX_HEIGHT, MAX_WIDTH, Logo, parse_logo

DIGEST = "0a" * 32


@pytest.mark.parametrize("logo", [Logo(DIGEST, 320, 90), Logo(DIGEST, MAX_WIDTH, MAX_HEIGHT), Logo(DIGEST, 1, 2)])
def test_a_logo_is_read_from_its_setting(logo):
    assert parse_logo(str(logo)) == logo


def test_no_logo_and_none_that_is_one():
    assert parse_logo("") is None
    for text in ("logo.png", f"{DIGEST}-0x5", f"{DIGEST}-5x5000", f"{DIGEST[1:]}-5x5", f"{DIGEST}-320x90 "):
        with pytest.raises(ValueError, match="must be empty"):
            parse_logo(text)


@pytest.mark.parametrize(("width", "height", "is_wide"), [(200, 100, True), (199, 100, False), (100, 100, False)])
def test_a_logo_twice_as_wide_as_high_replaces_the_name(width, height, is_wide):
    assert Logo(DIGEST, width, height).is_wide is is_wide


@pytest.mark.parametrize(
    ("width", "height", "most", "shown"),
    [(480, 160, 40, (120, 40)), (300, 30, 40, (300, 30)), (3, 160, 20, (1, 20)), (50, 160, 80, (25, 80))],
)
def test_a_logo_is_shown_smaller_but_never_larger(width, height, most, shown):
    assert Logo(DIGEST, width, height).shown(most) == shown


def test_a_stored_logo_is_at_most_480_by_160():
    assert (MAX_WIDTH, MAX_HEIGHT) == (480, 160)
    assert Logo(DIGEST, 480, 160).path("png") == f"/media/{DIGEST}/480.png"
