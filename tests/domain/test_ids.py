import pytest

from shop.domain.ids import MAX_ID, find_id


@pytest.mark.parametrize(("raw", "found"), [("1", 1), ("042", 42), (str(MAX_ID), MAX_ID)])
def test_a_text_that_is_an_id(raw, found):
    assert find_id(raw) == found


@pytest.mark.parametrize(
    "raw", ["", "0", "-1", "+1", " 1", "1\n", "1.0", "1_0", "\u0663", "\uff13", str(MAX_ID + 1), "9" * 5000]
)
def test_any_other_text_is_none(raw):
    assert find_id(raw) is None
