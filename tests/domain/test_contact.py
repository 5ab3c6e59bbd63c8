"""E-mail addresses, phone numbers and what a search looks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.domain.contact import normalize_email, normalize_phone, search_text, search_words


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Jane@Example.COM ", "jane@example.com"),
        ("jane.doe+duka@mail.example.co.ke", "jane.doe+duka@mail.example.co.ke"),
        ("ZOË@example.com", "zoë@example.com"),
    ],
)
def test_an_email_is_trimmed_and_lower_cased(typed, kept):
    assert normalize_email(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "jane",
        "jane@",
        "@example.com",
        "jane@example",
        "a@b@c.d",
        "jane doe@example.com",
        "jane@exa mple.com",
        "jane@example..com",
        "jane\n@example.com",
        "jane\0@example.com",
        "Jane <jane@example.com>",
        "a@example.com,b@example.com",
        "a" * 250 + "@example.com",
    ],
)
def test_what_is_no_email_is_refused(typed):
    with pytest.raises(ValueError, match="e-mail address"):
        normalize_email(typed)


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("0712345678", "KE", "+254712345678"),
        ("+254712345678", "KE", "+254712345678"),
        ("254 712 345 678", "KE", "+254712345678"),
        ("0712-345-678", "KE", "+254712345678"),
        ("+254 (0)712 345678", "UG", "+254712345678"),
        ("030 123456", "DE", "+4930123456"),
    ],
)
def test_a_phone_number_is_kept_in_one_form(typed, country, kept):
    assert normalize_phone(typed, country) == kept


@pytest.mark.parametrize("typed", ["", "12", "hello", "+999999999999999999", "0712", "\0"])
def test_what_is_no_phone_number_is_refused(typed):
    with pytest.raises(ValueError, match="phone number"):
        normalize_phone(typed, "KE")


@given(st.text(max_size=50))
def test_any_text_is_a_phone_number_or_a_value_error(text):
    try:
        number = normalize_phone(text, "KE")
    except ValueError:
        return
    assert normalize_phone(number, "KE") == number


def test_a_search_looks_in_names_email_and_both_spellings_of_the_number():
    text = search_text("Jane", "DOE", "jane@example.com", "+254712345678")
    assert text == "jane doe jane@example.com 254712345678 0712345678"


def test_a_customer_without_details_is_searched_by_email_alone():
    assert search_text("", "", "jane@example.com", None) == "jane@example.com"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Jane DOE", ["jane", "doe"]),
        ("0712 345-678", ["0712345678"]),
        ("+254 712", ["254712"]),
        ("12", ["12"]),
        ("  ", []),
        ("STRASSE ß", ["strasse", "ss"]),
        ("50% _ \\", ["50%", "_", "\\"]),
    ],
)
def test_what_was_typed_becomes_words_or_digits(typed, words):
    assert search_words(typed) == words
