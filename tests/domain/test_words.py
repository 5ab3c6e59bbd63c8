"""Passwords that are refused, and words made fit for a URL."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.domain.passwords import check_password
from shop.domain.slugs import slugify


@pytest.mark.parametrize("password", ["maziwa-na-chai", "abcde1", "x" * 200, "ödön-é6"])
def test_an_ordinary_password_is_taken(password):
    check_password(password)


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("", "at least 6"),
        ("abc12", "at least 6"),
        ("x" * 201, "at most 200"),
        ("123456", "most common"),
        ("Password", "most common"),
        ("QWERTY123", "most common"),
        ("nairobi", "most common"),
    ],
)
def test_a_poor_password_is_refused_with_a_sentence(password, sentence):
    with pytest.raises(ValueError, match=sentence):
        check_password(password)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Maziwa ya Mala 500 ml", "maziwa-ya-mala-500-ml"),
        ("  Crème  brûlée! ", "creme-brulee"),
        ("日本", "item"),
        ("", "item"),
    ],
)
def test_words_become_a_slug(text, slug):
    assert slugify(text) == slug


@given(st.text())
def test_a_slug_is_always_fit_for_a_url(text):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slugify(text))
