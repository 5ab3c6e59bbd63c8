"""Texts that are too long are refused with a sentence, by every way of entry; none is cut off."""

import re
from pathlib import Path

import pytest

from shop.domain.customers.fields import BY_NAME
from shop.models import Customer, ProductImage
from shop.services import text_lengths
from shop.services.errors import InvalidInput
from shop.services.text_lengths import read_line, read_lines

ROOT = Path(__file__).parents[2]
SEARCHED = {"lists.html", "_dialog.html", "show.html", "start.html", "layout.html", "_tools.html"}
CODES = {"code_sign_in.html", "_code.html", "_spend.html", "second_factor.html", "confirm.html"}


@pytest.mark.parametrize("read", [read_line, read_lines])
def test_a_text_is_cleaned_or_refused_whole(read):
    assert read("note", "  x\u200b  ", 1) == "x"
    with pytest.raises(InvalidInput, match="note must have at most 3 characters"):
        read("note", "four", 3)
    with pytest.raises(InvalidInput, match="note must not contain control characters"):
        read("note", "a\0", 3)


@pytest.mark.parametrize(("model", "name"), [(Customer, "first_name"), (ProductImage, "alt")])
def test_a_row_says_which_text_is_too_long(model, name):
    row = model(**{name: "x" * 201})
    with pytest.raises(InvalidInput, match=f"{name} must have at most 200 characters"):
        text_lengths.check_lengths(type(row).__mapper__, None, row)


def test_a_name_that_is_too_long_is_not_cut():
    with pytest.raises(ValueError, match="at most 200 characters"):
        BY_NAME["first_name"].value("x" * 201, "KE")


def test_no_field_that_is_stored_makes_the_browser_cut_what_is_pasted():
    found = {path.name for path in ROOT.glob("templates/**/*.html") if re.search("maxlength", path.read_text())}
    assert found <= SEARCHED | CODES
