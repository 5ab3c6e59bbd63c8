"""Cells of imported files: amounts and pieces as people write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.domain.imports.cells import (
    NO_RESULT,
    LotCells,
    is_nothing,
    join_list,
    parse_answer,
    parse_day,
    parse_lots,
    parse_moment,
    parse_pieces,
    parse_points,
    refuse_error,
    restore_digits,
    split_list,
    split_name,
)
from shop.domain.numbers import parse_amount


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
    ],
)
def test_an_amount_may_have_its_currency(typed, cents):
    assert parse_amount(typed, "KE", "KES") == cents


@pytest.mark.parametrize("typed", ["", "KES", "abc", "1.2.3", "12 each", "KES -", "$5"])
def test_what_is_no_amount_is_refused(typed):
    with pytest.raises(ValueError, match="number"):
        parse_amount(typed, "KE", "KES")


def test_a_dash_is_no_value():
    assert all(map(is_nothing, (" - ", "N/A", "hakuna")))
    assert not any(map(is_nothing, ("0", "Nana", "")))
    assert is_nothing("\u200b-\ufeff")
    assert is_nothing("—", is_text=True)
    assert not is_nothing("None", is_text=True)


def test_a_phone_or_code_that_became_a_number_gets_its_digits_back_or_is_refused():
    for typed in ("254712345678.0", "2.54712345678E+11", "2,54712345678e+11"):
        assert restore_digits(typed) == "254712345678"
    for typed in ("0712 345678", "A-1.0", "42.0", "1E3", "6161100000017", ""):
        assert restore_digits(typed) == typed
    for typed in ("2.54712E+11", "6E+12"):
        with pytest.raises(ValueError, match="has lost digits"):
            restore_digits(typed)


def test_pieces_are_whole_and_not_negative():
    assert [parse_pieces(typed, "KE") for typed in ("1,200", " 0 ", "24 pcs", "1,200Pieces")] == [1200, 0, 24, 1200]
    assert parse_points("350 pts", "KE") == 350
    assert parse_points("0", "KE") == 0
    assert parse_pieces("1,000,000,000", "KE") == parse_points("1,000,000,000", "KE") == 10**9
    for typed in ("1.5", "-1", "1000000001", "many", "pcs", "3 bags"):
        with pytest.raises(ValueError):
            parse_pieces(typed, "KE")
        with pytest.raises(ValueError, match="whole number of points"):
            parse_points(typed, "KE")


@pytest.mark.parametrize("cell", [NO_RESULT, "#N/A", " #div/0! "])
def test_a_formula_without_a_result_is_refused(cell):
    with pytest.raises(ValueError, match="formula"):
        refuse_error(cell)


def test_other_cells_are_no_errors_of_formulas():
    assert [refuse_error(cell) for cell in ("", "#", "N/A", "Jane")] == [None] * 4


def test_an_answer_is_yes_or_no_and_the_day_of_a_consent_is_yes():
    assert [parse_answer(typed) for typed in (" Yes ", "ndiyo", "1", "X", "2025-03-01", "1/3/2025")] == [True] * 6
    assert [parse_answer(typed) for typed in ("no", "Hapana", "0", "FALSE")] == [False] * 4
    for typed in ("maybe", "", "y n", "2"):
        with pytest.raises(ValueError, match="yes or no"):
            parse_answer(typed)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Jane Doe", ("Jane", "Doe")),
        (" Mary  Ann Otieno ", ("Mary  Ann", "Otieno")),
        ("Doe, Jane Ann", ("Jane Ann", "Doe")),
        ("Doe,", ("", "Doe")),
        ("Jane", ("Jane", "")),
        ("", ("", "")),
    ],
)
def test_the_last_word_of_a_name_or_what_is_before_a_comma_is_the_last_name(name, parts):
    assert split_name(name) == parts


def test_lots_have_points_and_perhaps_the_day_earned_and_the_last_day():
    assert parse_lots("100 2025-01-31 2026-01-31; 50 2025-03-01;; 7; 1,000 - 31/12/2026 ;", "KE") == [
        LotCells(100, date(2025, 1, 31), date(2026, 1, 31)),
        LotCells(50, date(2025, 3, 1), None),
        LotCells(7, None, None),
        LotCells(1000, None, date(2026, 12, 31)),
    ]
    assert parse_lots(" ; ", "KE") == []
    for typed in ("100 2025-01-31 2026-01-31 2027-01-31", "many", "100 soon", "- 2025-01-31"):
        with pytest.raises(ValueError, match="must be"):
            parse_lots(typed, "KE")


@pytest.mark.parametrize(
    ("read", "cell"),
    [
        (lambda cell: parse_points(cell, "KE"), "many" * 20),
        (parse_day, "soon" * 20),
        (parse_answer, "perhaps" * 20),
        (restore_digits, f"2.{'7' * 60}E+99"),
    ],
)
def test_an_error_shows_the_first_40_characters_of_a_cell(read, cell):
    with pytest.raises(ValueError) as refused:
        read(cell)
    assert refused.value.args[0].params == {"cell": cell[:40]}


@pytest.mark.parametrize(("typed", "year"), [("1970-01-02", 1970), ("2099-12-31", 2099)])
def test_times_are_in_the_years_1970_to_2099(typed, year):
    assert parse_moment(typed, "Africa/Nairobi").year == year
    for outside in ("1969-12-31", "2100-01-01"):
        with pytest.raises(ValueError, match="1970 to 2099"):
            parse_moment(outside, "Africa/Nairobi")


def test_parts_are_joined_as_people_write_them():
    assert join_list(["a", "b"], ";") == "a; b"
    assert join_list(["a", "b"], ">") == "a > b"


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("fresh; local", ["fresh", "local"]),
        (" ;fresh ;; local; ", ["fresh", "local"]),
        ('"a;b"; c', ["a;b", "c"]),
        ('"a ""b"""', ['a "b"']),
        ('5" pipe; 6"', ['5" pipe', '6"']),
        ('"a" b; c', ['"a" b', "c"]),
        ('"open; c', ['"open', "c"]),
        ("", []),
    ],
)
def test_a_cell_is_split_into_its_parts(cell, parts):
    assert split_list(cell, ";") == parts


PARTS = st.lists(st.text("a;,> \"'=é😀", min_size=1, max_size=5).map(str.strip).filter(bool), max_size=4)


@given(PARTS, st.sampled_from([(";", ""), (",", ";"), (">", "")]))
def test_joined_parts_are_split_again(parts, signs):
    separator, special = signs
    assert split_list(join_list(parts, separator, special), separator + special) == parts


@pytest.mark.parametrize(
    ("typed", "is_end", "moment"),
    [
        ("2026-12-24", False, "2026-12-23T21:00:00+00:00"),
        ("24/12/2026", True, "2026-12-24T21:00:00+00:00"),
        ("2026-12-24T08:30:00", False, "2026-12-24T05:30:00+00:00"),
        ("24/12/2026 08:30", True, "2026-12-24T05:30:00+00:00"),
        ("2026-12-24 08:30:00Z", False, "2026-12-24T08:30:00+00:00"),
    ],
)
def test_a_time_of_a_file_is_in_the_zone_of_the_shop(typed, is_end, moment):
    assert parse_moment(typed, "Africa/Nairobi", is_end=is_end).isoformat() == moment
    assert is_end or parse_moment(typed, "Africa/Nairobi").isoformat() == moment


@pytest.mark.parametrize("typed", ["9999-12-31", "0001-01-01", "2026-02-29", "tomorrow", "2026-12-24T25:00", ""])
def test_what_is_no_time_is_refused(typed):
    with pytest.raises(ValueError, match=r"must be|hour"):
        parse_moment(typed, "Africa/Nairobi")
