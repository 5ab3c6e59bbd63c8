"""Slugs."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.domain.text.slugs import slugify


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
