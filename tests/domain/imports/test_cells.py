"""Cells of imported files: amounts and pieces as people write them."""

import pytest

from shop.domain.imports.cells import is_nothing, parse_amount, parse_pieces, parse_points


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("185", 18500),
        (" 1 450.00 ", 145000),
        ("KES 1,250.00", 125000),
        ("Ksh 99/=", 9900),
        ("KSh.99", 9900),
        ("Shs 1,200/-", 120000),
        ("99 kes", 9900),
        ("$5", 500),
    ],
)
def test_an_amount_may_have_its_currency(typed, cents):
    assert parse_amount(typed, "KE") == cents


@pytest.mark.parametrize("typed", ["", "KES", "abc", "1.2.3", "12 each", "KES -"])
def test_what_is_no_amount_is_refused(typed):
    with pytest.raises(ValueError, match="number"):
        parse_amount(typed, "KE")


def test_a_dash_is_no_value():
    assert all(map(is_nothing, (" - ", "N/A", "hakuna")))
    assert not any(map(is_nothing, ("0", "Nana", "")))


def test_pieces_are_whole_and_not_negative():
    assert [parse_pieces(typed, "KE") for typed in ("1,200", " 0 ", "24 pcs", "1,200Pieces")] == [1200, 0, 24, 1200]
    assert parse_points("350 pts", "KE") == 350
    for typed in ("1.5", "-1", "2000000000", "many", "pcs", "3 bags"):
        with pytest.raises(ValueError):
            parse_pieces(typed, "KE")
