"""Typed text is cleaned once and compared in normalised form."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.domain.text.cleaning import (
    FULL_WIDTH,
    clean_line,
    clean_reference,
    clean_short_line,
    clean_text,
    code_key,
    drop_unstorable,
    greeting_name,
    one_line,
    upper_case_forms,
)
from shop.domain.text.spreadsheets import escape_formula, without_formula_guard


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Jane\u00a0\u2003 Doe \n", "Jane Doe"),
        ("Jane\r\nDoe\u2028x", "Jane Doe x"),
        ("Ja\u200bne\ufeff\u202e", "Jane"),
        ("Rene\u0301e", "Renée"),
        ("soft\u00adhyphen", "softhyphen"),
        ("heart\u2764\ufe0f yes", "heart\u2764 yes"),
        ("\u2066Jane\u2069", "Jane"),
        ("Ja\u034fne\u3164\u115f\u2800\uffa0\U000e0041\ufffb", "Jane"),
        ("\u3164", ""),
        ("\u1820\u180b \u1820", "\u1820 \u1820"),
        ("", ""),
    ],
)
def test_a_line_is_cleaned(typed, kept):
    assert clean_line(typed) == kept


@pytest.mark.parametrize("typed", ["a\0b", "a\x1bb", "\ud800", "a\x7f", "\x1c"])
def test_control_characters_are_refused(typed):
    for clean in (clean_line, clean_text, clean_reference):
        with pytest.raises(ValueError, match="control characters"):
            clean(typed)
    assert "\0" not in drop_unstorable(typed)


def test_a_short_line_has_at_most_so_many_characters():
    assert clean_short_line(" Jane ", 4) == "Jane"
    with pytest.raises(ValueError, match="at most 3 characters"):
        clean_short_line("Jane", 3)


def test_a_header_is_one_line():
    assert one_line("Duka\r\nBcc: x\0y") == "Duka Bcc: x y"


def test_full_width_characters_are_those_of_ascii():
    assert "！Ａｚ０～\u3000｟".translate(FULL_WIDTH) == "!Az0~\u3000｟"


def test_several_lines_keep_their_breaks():
    assert clean_text(" one\r\ntwo\u200b \x85\n three ") == "one\ntwo\n\n three"


@given(st.text())
def test_cleaning_twice_changes_nothing(text):
    for clean in (clean_line, clean_text, clean_reference):
        try:
            once = clean(text)
        except ValueError:
            continue
        assert clean(once) == once
        assert unicodedata.is_normalized("NFC", once)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" welcome10 ", "WELCOME10"),
        ("\uff37elcome\u200b10\n", "WELCOME10"),
        ("- ord-261123-7kq4f \u2013", "ORD-261123-7KQ4F"),
    ],
)
def test_a_reference_is_compared_in_one_form(typed, kept):
    assert clean_reference(typed) == kept


@pytest.mark.parametrize(
    "name",
    [
        "Jane",
        "St. Mary",
        "Wanjiku wa Thiong'o",
        "J. R. R.",
        "Nguyễn",
        "",
        "Jean-Paul",
        "x" * 40,
        "Ali bin Abdul Rahman",
    ],
)
def test_a_name_greets_in_a_mail(name):
    assert greeting_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "Click http://evil.example now to win",
        "www.evil.example",
        "evil.example",
        "a/b",
        "WWW.x",
        "jane@evil.example",
        "You have won a free phone today",
        "You have won a phone",
        "x" * 41,
        "<b>Jane",
    ],
)
def test_a_link_or_a_message_does_not(name):
    assert greeting_name(name) == ""


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("+254712345678", "+254712345678"),
        ("'+254712345678", "''+254712345678"),
        ("+254", "'+254"),
        ("＝1", "'＝1"),
        ("'⁺1", "'⁺1"),
        ("Jane", "Jane"),
    ],
)
def test_a_formula_is_guarded_and_a_phone_is_not(text, cell):
    assert escape_formula(text) == cell
    assert without_formula_guard(cell) == text


@given(st.text(st.sampled_from("'=+-@\t\r\uff1d\uff0b1aA "), max_size=6) | st.text(max_size=12))
def test_an_exported_cell_is_imported_as_it_was(text):
    line = clean_line(text) if text.isprintable() else ""
    assert without_formula_guard(escape_formula(line)) == line


def test_a_code_of_dashes_alone_keeps_them_and_a_long_one_is_cut():
    assert [code_key(typed) for typed in (" ab-1 -", "--", "\u200b", "")] == ["AB-1", "--", "", ""]
    assert code_key("a" * 250) == "A" * 200


def test_a_payment_reference_is_compared_in_the_capitals_of_both_databases():
    assert upper_case_forms(" abcé1 ") == {"ABCÉ1", "ABCé1"}
    assert upper_case_forms("s0ajkpbhe5") == {"S0AJKPBHE5"}
