"""Money is parsed exactly and written in one format."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.domain.money import MAX_CENTS, format_money, parse_decimal, parse_money, plain_decimal


@pytest.mark.parametrize(
    ("given_", "cents"),
    [
        ("2400.00", 240000),
        ("0.29", 29),
        (2400, 240000),
        (Decimal("2400.5"), 240050),
        ("12.5", 1250),
        ("0", 0),
        (Decimal("1e2"), 10000),
        ("99999999999.99", MAX_CENTS),
    ],
)
def test_money_is_read_to_the_cent(given_, cents):
    assert parse_money(given_) == cents


@pytest.mark.parametrize(
    ("given_", "sentence"),
    [
        ("-0.01", "must not be negative"),
        ("0.001", "must have at most two decimals"),
        ("100000000000.00", "is too large"),
        (Decimal("1e30"), "is too large"),
        (10**30, "is too large"),
        (Decimal("1e-30"), "has too many decimals"),
        ("0." + "0" * 30, "has too many decimals"),
        ("NaN", "must be a number such as 1245.50"),
        ("Infinity", "must be a number such as 1245.50"),
        ("1_000", "must be a number such as 1245.50"),
        ("١٢", "must be a number such as 1245.50"),
        *(
            (typed, "must be a number such as 1245.50")
            for typed in ("1e3", "+5", "0x10", " 5", "5 ", "5.", ".5", "--5")
        ),
        (Decimal("NaN"), "must be a number"),
        ("1,50", "must be a number such as 1245.50"),
        ("", "must be a number such as 1245.50"),
        ("9" * 41, "must be a number such as 1245.50"),
        (True, "must be a number"),
        (1.5, "must be a number"),
        (None, "must be a number"),
        ([], "must be a number"),
    ],
)
def test_what_is_no_amount_is_refused_with_a_sentence(given_, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        parse_money(given_)


@given(st.integers(0, MAX_CENTS))
def test_money_written_and_read_again_is_the_same(cents):
    assert parse_money(format_money(cents)) == cents


@given(st.integers(-MAX_CENTS, MAX_CENTS))
def test_money_always_has_two_decimals(cents):
    assert Decimal(format_money(cents)) * 100 == cents
    assert format_money(cents)[-3] == "."


@given(st.text(max_size=60))
def test_any_text_is_an_amount_or_a_value_error(text):
    try:
        cents = parse_money(text)
    except ValueError:
        return
    assert 0 <= cents <= MAX_CENTS


@pytest.mark.parametrize(
    ("value", "text"), [("1E+2", "100"), ("0.10", "0.1"), ("100", "100"), ("0.0001", "0.0001"), ("50.00", "50")]
)
def test_a_decimal_is_written_plainly(value, text):
    assert plain_decimal(Decimal(value)) == text


def test_a_decimal_may_be_negative_where_money_may_not():
    assert parse_decimal("-3.5") == Decimal("-3.5")
