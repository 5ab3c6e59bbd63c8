"""Numbers typed into forms are unambiguous, or refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.domain.numbers import decimal_mark, parse_number


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1245.50", "1245.50"),
        ("1,245.50", "1245.50"),
        ("1 245.50", "1245.50"),
        ("1\u202f245.50", "1245.50"),
        ("1 \u00a0245.50", "1245.50"),
        ("1’245.50", "1245.50"),
        ("12,345,678", "12345678"),
        (" 0.5 ", "0.5"),
        ("\uff11\uff12", "12"),
        ("\u200b7", "7"),
        ("−5", "-5"),
        ("\uff11\uff0c\uff12\uff14\uff15\uff0e\uff15\uff10", "1245.50"),
        ("\u0661\u066c\u0662\u0664\u0665\u066b\u0665\u0660", "1245.50"),
    ],
)
def test_a_number_with_a_decimal_point(typed, value):
    assert parse_number(typed) == Decimal(value)


@pytest.mark.parametrize(
    "typed",
    ["245,50", "2,45", "10,00", "1.245,50", "1,5", "", ".", "1..2", "1,2345", "1234,567", "1,245 678", "0,245", "1e3",
     "abc", "1_000", "NaN", "1 24", "½", "--1",
     "5²", "1,00,000", "KES 100", "100/-", "(5)", "5.", "12%"],
)  # fmt: skip
def test_what_has_no_one_reading_is_refused(typed):
    with pytest.raises(ValueError, match=r"a number such as 1245\.50"):
        parse_number(typed)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("245,50", "245.50"),
        ("1.245,50", "1245.50"),
        ("1 245,50", "1245.50"),
        ("12.50", "12.50"),
        ("1245", "1245"),
        ("\u0661\u066b\u0665", "1.5"),
    ],
)
def test_a_number_with_a_decimal_comma(typed, value):
    assert parse_number(typed, ",") == Decimal(value)


@pytest.mark.parametrize("typed", ["1.245", "1,245.50", "1.2345,0", "1.245.5"])
def test_what_has_two_readings_beside_a_decimal_comma_is_refused(typed):
    with pytest.raises(ValueError, match="1245,50"):
        parse_number(typed, ",")


@pytest.mark.parametrize(("country", "mark"), [("KE", "."), ("TZ", "."), ("DE", ","), ("FR", ","), ("US", ".")])
def test_the_country_says_which_mark(country, mark):
    assert decimal_mark(country) == mark


@given(st.decimals(0, 10**12, places=2))
def test_what_is_written_with_groups_is_read_back(value):
    assert parse_number(f"{value:,}") == value
    assert parse_number(f"{value}") == value


@given(st.text(max_size=30), st.sampled_from([".", ","]))
def test_any_text_is_a_number_or_a_sentence(text, mark):
    try:
        number = parse_number(text, mark)
    except ValueError:
        return
    assert number.is_finite()
